#include "device.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TICK_MS 50
#define STEADY_SECONDS 10
#define FIRST_WAIT_SECONDS 1
#define LONGEST_WAIT_SECONDS 60
#define REFUSED_WAIT_SECONDS 300
#define SLOWER_SECONDS 60
#define VALUE_REFUSED 2005
#define TOPIC_SIZE 160

static volatile sig_atomic_t stopping = 0;
static volatile sig_atomic_t offering = 0;

void device_stop(void) { stopping = 1; }

void device_offer(void) { offering = 1; }

static void publish(device_t *device, const char *kind, cJSON *message) {
  char topic[TOPIC_SIZE];
  char *text = device->connection ? cJSON_PrintUnformatted(message) : NULL;
  snprintf(topic, sizeof topic, "devices/%s/%s", device->credentials.id, kind);
  if (text) connection_publish(device->connection, topic, text);
  cJSON_free(text);
  cJSON_Delete(message);
}

void device_report(device_t *device, cJSON *changes) { publish(device, "state", changes); }

static const char *perform(device_t *device, const char *what, const cJSON *command) {
  static const char invoke[] = "invoke/";
  if (strcmp(what, "set") == 0) {
    const char *problem = device->behaviour.set(device, command);
    if (!problem) device_report(device, cJSON_Duplicate(command, true));
    return problem;
  }
  if (strncmp(what, invoke, sizeof invoke - 1) != 0) return "no such command";
  return device->behaviour.invoke(device, what + sizeof invoke - 1, cJSON_GetObjectItemCaseSensitive(command, "input"));
}

/* Takes `id` out of a command; of several, the last counts, as in JSON.parse. */
static cJSON *take_id(cJSON *command) {
  cJSON *id = NULL;
  for (cJSON *found; (found = cJSON_DetachItemFromObjectCaseSensitive(command, "id"));) {
    cJSON_Delete(id);
    id = found;
  }
  return id;
}

/* Nothing but white space may follow the object. */
static cJSON *parse_command(const char *payload, size_t length) {
  const char *end = NULL;
  if (length == 0) return cJSON_CreateObject();
  cJSON *command = cJSON_ParseWithLengthOpts(payload, length, &end, false);
  while (command && end < payload + length && strchr(" \t\r\n", *end) && *end) end++;
  if (cJSON_IsObject(command) && end == payload + length) return command;
  cJSON_Delete(command);
  return NULL;
}

static const char *text_of(const cJSON *object, const char *key) {
  const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
  return text ? text : "";
}

/* The developer's mistake is told to the developer. */
static void told(device_t *device, const char *kind, const char *payload, size_t length) {
  cJSON *refusal = strcmp(kind, "denied") == 0 ? parse_command(payload, length) : NULL;
  if (!cJSON_IsString(cJSON_GetObjectItemCaseSensitive(refusal, "msg"))) {
    cJSON_Delete(refusal);
    return;
  }
  const char *property = text_of(refusal, "property");
  const cJSON *code = cJSON_GetObjectItemCaseSensitive(refusal, "code");
  printf("refused: %s%s%s: %s (%d)\n", text_of(refusal, "topic"), *property ? " " : "", property, text_of(refusal, "msg"),
         cJSON_IsNumber(code) ? code->valueint : 0);
  if (device->behaviour.refused) device->behaviour.refused(device, refusal);
  cJSON_Delete(refusal);
}

static void ask_to_be_added(device_t *device) {
  char topic[TOPIC_SIZE];
  if (!offering) return;
  offering = 0;
  snprintf(topic, sizeof topic, "request/%s/device/offer", device->credentials.id);
  connection_publish(device->connection, topic, "{}");
}

static void replied(const char *operation, const char *payload, size_t length) {
  cJSON *reply = strcmp(operation, "device/offer") == 0 ? parse_command(payload, length) : NULL;
  const cJSON *code = cJSON_GetObjectItemCaseSensitive(reply, "code");
  if (cJSON_IsNumber(code) && code->valueint == 0)
    puts("the code of the label is valid for two minutes");
  else if (cJSON_IsNumber(code))
    printf("cannot be added: %s (%d)\n", text_of(reply, "msg"), code->valueint);
  cJSON_Delete(reply);
}

/* Does a command, reports, then acknowledges: who waits for the ack has the new values already. */
static void received(void *context, const char *topic, const char *payload, size_t length) {
  device_t *device = context;
  char prefix[TOPIC_SIZE];
  int skip = snprintf(prefix, sizeof prefix, "notify/%s/", device->credentials.id);
  if (strncmp(topic, prefix, (size_t)skip) == 0) {
    told(device, topic + skip, payload, length);
    return;
  }
  skip = snprintf(prefix, sizeof prefix, "reply/%s/", device->credentials.id);
  if (strncmp(topic, prefix, (size_t)skip) == 0) {
    replied(topic + skip, payload, length);
    return;
  }
  skip = snprintf(prefix, sizeof prefix, "devices/%s/", device->credentials.id);
  if (strncmp(topic, prefix, (size_t)skip) != 0) return;
  cJSON *command = parse_command(payload, length);
  if (!command) return;
  cJSON *id = take_id(command);
  const char *problem = perform(device, topic + skip, command);
  if (cJSON_IsString(id)) {
    cJSON *ack = cJSON_CreateObject();
    cJSON_AddStringToObject(ack, "id", id->valuestring);
    cJSON_AddNumberToObject(ack, "code", problem ? VALUE_REFUSED : 0);
    if (problem) cJSON_AddStringToObject(ack, "msg", problem);
    publish(device, "ack", ack);
  }
  cJSON_Delete(id);
  cJSON_Delete(command);
}

/* One connection, from its beginning to its end; `steady` becomes true when it was a good one. */
static outcome_t serve(device_t *device, bool *steady) {
  connection_t connection;
  char filter[TOPIC_SIZE];
  const char *id = device->credentials.id;
  outcome_t step = connection_open(&connection, &device->broker, id, device->credentials.secret, received, device);
  device->connection = &connection;
  static const char *const heard[][2] = {{"notify", "#"}, {"reply", "#"}, {"devices", "set"}, {"devices", "invoke/+"}};
  for (size_t i = 0; i < sizeof heard / sizeof *heard && step.result == DONE; i++) {
    snprintf(filter, sizeof filter, "%s/%s/%s", heard[i][0], id, heard[i][1]);
    step = connection_subscribe(&connection, filter);
  }
  if (step.result == DONE) {
    device_report(device, device->behaviour.state());
    printf("connected as %s\n", id);
    double opened = seconds_now();
    while (step.result == DONE && !stopping) {
      step = connection_poll(&connection, TICK_MS);
      ask_to_be_added(device);
      device->behaviour.tick(device);
    }
    *steady = seconds_now() - opened > STEADY_SECONDS;
  }
  device->connection = NULL;
  connection_close(&connection);
  return step;
}

/* A place for the secret comes first: one that cannot be kept would be lost for ever. */
static outcome_t enroll_and_keep(device_t *device) {
  char claim_code[CLAIM_CODE_SIZE];
  int place = store_reserve(device->store);
  if (place < 0) return outcome(LOST, 0, "%s cannot be written: %s", device->store, strerror(errno));
  outcome_t enrolled = enroll(&device->broker, device->factory, &device->credentials, claim_code);
  if (enrolled.result != DONE) {
    store_abandon(place, device->store);
    return enrolled;
  }
  if (!store_save(place, device->store, &device->credentials))
    return outcome(LOST, 0, "%s could not be written: an operator must reset this device", device->store);
  printf("enrolled as %s, claim code %s\n", device->credentials.id,
         *claim_code ? claim_code : "(none: the device has an owner)");
  return enrolled;
}

static double jitter(void) { return (double)random() / (double)RAND_MAX; }

/* Exponential, with jitter, so that a thousand devices do not come back in one instant; minutes after a refusal. */
static double wait_after(const outcome_t *ended, int failures) {
  double bound = FIRST_WAIT_SECONDS;
  for (int i = 0; i < failures && bound < LONGEST_WAIT_SECONDS; i++) bound *= 2;
  if (bound > LONGEST_WAIT_SECONDS) bound = LONGEST_WAIT_SECONDS;
  if (ended->result == NOT_ENROLLED && ended->code == 4029)
    return ended->retry_seconds + SLOWER_SECONDS * (1 + jitter());
  return ended->result == LOST ? jitter() * bound : REFUSED_WAIT_SECONDS * (0.5 + jitter() / 2);
}

static void pause_for(device_t *device, double seconds) {
  const struct timespec tick = {.tv_nsec = TICK_MS * 1000000L};
  for (double until = seconds_now() + seconds; seconds_now() < until && !stopping;) {
    nanosleep(&tick, NULL);
    device->behaviour.tick(device);
  }
}

static void explain(const device_t *device, const outcome_t *ended, double wait) {
  printf("%s%s", ended->result == LOST ? "not connected: " : "", ended->why);
  if (ended->result == NOT_ALLOWED && (ended->code == 4 || ended->code == 5))
    printf(". If an operator reset the device, delete %s to enroll again, or put the new id and secret into it; if it was "
           "disabled, it must be enabled",
           device->store);
  printf("; next attempt in %.0f s\n", wait);
}

int device_run(device_t *device) {
  int failures = 0;
  while (!stopping) {
    bool steady = false;
    outcome_t ended;
    switch (store_load(device->store, &device->credentials)) {
    case STORE_BROKEN:
      fprintf(stderr, "%s must hold {\"id\": \"…\", \"secret\": \"…\"}\n", device->store);
      return EXIT_FAILURE;
    case STORE_MISSING:
      if (!device->factory) {
        fprintf(stderr, "%s is not there, and without --serial and --product-secret there is no enrolling\n", device->store);
        return EXIT_FAILURE;
      }
      ended = enroll_and_keep(device);
      if (ended.result == DONE) continue;
      break;
    default:
      ended = serve(device, &steady);
    }
    if (stopping) break;
    if (steady) failures = 0;
    double wait = wait_after(&ended, failures++);
    explain(device, &ended, wait);
    pause_for(device, wait);
  }
  return EXIT_SUCCESS;
}
