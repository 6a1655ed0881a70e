#include "connection.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define KEEP_ALIVE_SECONDS 30
#define POLL_MS 100
#define SERVER_UNAVAILABLE 3
#define REFUSED_SUBSCRIPTION 128

outcome_t outcome(result_t result, int code, const char *format, ...) {
  outcome_t made = {.result = result, .code = code};
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(made.why, sizeof made.why, format, arguments);
  va_end(arguments);
  return made;
}

double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static const char *meaning(int code) {
  switch (code) {
  case 2:
    return "client id refused";
  case 4:
    return "wrong device id or secret";
  case 5:
    return "not allowed";
  case REFUSED_SUBSCRIPTION:
    return "subscription refused";
  default:
    return "protocol not supported";
  }
}

static outcome_t not_allowed(int code) {
  return outcome(NOT_ALLOWED, code, "refused with %d: %s", code, meaning(code));
}

static outcome_t lost(int error) {
  return outcome(LOST, 0, "%s", error == MOSQ_ERR_ERRNO ? strerror(errno) : mosquitto_strerror(error));
}

static void on_connect(struct mosquitto *client, void *object, int code) {
  (void)client;
  ((connection_t *)object)->connack = code;
}

static void on_subscribe(struct mosquitto *client, void *object, int id, int count, const int *granted) {
  (void)client, (void)id;
  connection_t *connection = object;
  connection->granted++;
  for (int i = 0; i < count; i++)
    if (granted[i] >= REFUSED_SUBSCRIPTION) connection->denied = true;
}

static void on_message(struct mosquitto *client, void *object, const struct mosquitto_message *message) {
  (void)client;
  connection_t *connection = object;
  connection->received(connection->context, message->topic, message->payloadlen > 0 ? message->payload : "",
                       message->payloadlen > 0 ? (size_t)message->payloadlen : 0);
}

static int use_tls(struct mosquitto *client, const broker_t *broker) {
  if (broker->ca) return mosquitto_tls_set(client, broker->ca, NULL, NULL, NULL, NULL);
  return broker->tls ? mosquitto_int_option(client, MOSQ_OPT_TLS_USE_OS_CERTS, 1) : MOSQ_ERR_SUCCESS;
}

outcome_t connection_open(connection_t *connection, const broker_t *broker, const char *client_id, const char *secret,
                          received_t received, void *context) {
  *connection = (connection_t){.received = received, .context = context, .connack = -1};
  connection->client = mosquitto_new(client_id, true, connection);
  if (!connection->client) return lost(MOSQ_ERR_NOMEM);
  mosquitto_connect_callback_set(connection->client, on_connect);
  mosquitto_subscribe_callback_set(connection->client, on_subscribe);
  mosquitto_message_callback_set(connection->client, on_message);
  int error = secret ? mosquitto_username_pw_set(connection->client, client_id, secret) : MOSQ_ERR_SUCCESS;
  if (!error) error = use_tls(connection->client, broker);
  if (!error) error = mosquitto_connect(connection->client, broker->host, broker->port, KEEP_ALIVE_SECONDS);
  if (error) return lost(error);

  for (double until = seconds_now() + ANSWER_SECONDS; connection->connack < 0;) {
    if (seconds_now() > until) return outcome(LOST, 0, "no answer within %d s", ANSWER_SECONDS);
    outcome_t polled = connection_poll(connection, POLL_MS);
    if (polled.result != DONE && connection->connack < 0) return polled;
  }
  if (connection->connack == SERVER_UNAVAILABLE) return outcome(LOST, 0, "the broker is in trouble");
  return connection->connack == 0 ? outcome(DONE, 0, "connected") : not_allowed(connection->connack);
}

outcome_t connection_subscribe(connection_t *connection, const char *filter) {
  int wanted = connection->granted + 1;
  int error = mosquitto_subscribe(connection->client, NULL, filter, 1);
  if (error) return lost(error);
  for (double until = seconds_now() + ANSWER_SECONDS; connection->granted < wanted;) {
    if (seconds_now() > until) return outcome(LOST, 0, "no answer within %d s", ANSWER_SECONDS);
    outcome_t polled = connection_poll(connection, POLL_MS);
    if (polled.result != DONE) return polled;
  }
  return connection->denied ? not_allowed(REFUSED_SUBSCRIPTION) : outcome(DONE, 0, "subscribed");
}

void connection_publish(connection_t *connection, const char *topic, const char *payload) {
  mosquitto_publish(connection->client, NULL, topic, (int)strlen(payload), payload, 1, false);
}

outcome_t connection_poll(connection_t *connection, int milliseconds) {
  int error = mosquitto_loop(connection->client, milliseconds, 1);
  return error ? lost(error) : outcome(DONE, 0, "polled");
}

void connection_close(connection_t *connection) {
  if (!connection->client) return;
  mosquitto_disconnect(connection->client);
  mosquitto_destroy(connection->client);
  connection->client = NULL;
}
