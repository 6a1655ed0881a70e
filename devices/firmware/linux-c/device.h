#ifndef LATCHKEY_DEVICE_H
#define LATCHKEY_DEVICE_H

#include <cjson/cJSON.h>

#include "connection.h"
#include "enroll.h"

typedef struct device device_t;

/* What a device does. Handlers must not block: while they run, nothing is sent or heard. Those of commands return NULL when it is done, or
   words for the user why it cannot be: answered 2005. */
typedef struct {
  /* Applies properties, all of them or none. They are reported when it returns NULL. */
  const char *(*set)(device_t *device, const cJSON *wanted);
  /* `input` is NULL when there was none. */
  const char *(*invoke)(device_t *device, const char *action, const cJSON *input);
  /* The whole state: a new object, which the caller deletes. Every connection begins with it. */
  cJSON *(*state)(void);
  /* Called many times a second. */
  void (*tick)(device_t *device);
  /* NULL, or told what the broker refused of what this device sent, when that is printed: `topic`, `code`, `msg`, and the `property` of a
     report whose value was left out, or the `rule` that refused a whole message. */
  void (*refused)(device_t *device, const cJSON *refusal);
} behaviour_t;

struct device {
  broker_t broker;
  const char *store;
  const factory_t *factory; /* NULL: does not enroll */
  behaviour_t behaviour;
  credentials_t credentials;
  connection_t *connection; /* NULL: not connected */
};

/* Connects, enrolling first when there is no secret yet, and reconnects until device_stop. The program's exit code. */
int device_run(device_t *device);
/* May be called from a signal handler. */
void device_stop(void);
/* The device's button was held: while nobody owns it, the code of its label is valid again for two minutes. What came of it is printed. May be
   called from a signal handler. */
void device_offer(void);
/* Sends what changed, when connected, and deletes it. */
void device_report(device_t *device, cJSON *changes);

#endif
