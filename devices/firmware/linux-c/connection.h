#ifndef LATCHKEY_CONNECTION_H
#define LATCHKEY_CONNECTION_H

#include <mosquitto.h>
#include <stdbool.h>
#include <stddef.h>

#include "outcome.h"

#define ANSWER_SECONDS 15

typedef struct {
  const char *host;
  int port;
  bool tls;       /* checked against the system's authorities, */
  const char *ca; /* or against this one alone (PEM file) */
} broker_t;

/* Called from within connection_poll. `payload` is gone when it returns. */
typedef void (*received_t)(void *context, const char *topic, const char *payload, size_t length);

/* One connection. It never comes back by itself: the next one is a new client, which sends nothing stale. */
typedef struct {
  struct mosquitto *client;
  received_t received;
  void *context;
  int connack; /* -1: none yet */
  int granted; /* subscriptions answered */
  bool denied;
} connection_t;

/* Connects and waits for the answer. Without a secret it is a guest's. To be closed however it ends. */
outcome_t connection_open(connection_t *connection, const broker_t *broker, const char *client_id, const char *secret,
                          received_t received, void *context);
/* Subscribes at QoS 1 and waits for the answer. */
outcome_t connection_subscribe(connection_t *connection, const char *filter);
/* At QoS 1. What cannot be sent is lost with the connection. */
void connection_publish(connection_t *connection, const char *topic, const char *payload);
/* Sends and receives for at most that long. */
outcome_t connection_poll(connection_t *connection, int milliseconds);
void connection_close(connection_t *connection);

/* Seconds that never jump. */
double seconds_now(void);

#endif
