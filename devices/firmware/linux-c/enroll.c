#include "enroll.h"

#include <cjson/cJSON.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define SIGNATURE_SIZE 65
#define TOPIC_SIZE 96
#define LONGEST_RETRY_SECONDS 86400

typedef struct {
  char topic[TOPIC_SIZE];
  cJSON *reply;
} waiting_t;

/* HMAC-SHA256 in lower-case hex over type, serial and timestamp; the key is the product secret's text. */
static bool sign(const factory_t *factory, long long timestamp, char signature[SIGNATURE_SIZE]) {
  char message[256];
  int length = snprintf(message, sizeof message, "%s\n%s\n%lld", factory->type, factory->serial, timestamp);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (length < 0 || length >= (int)sizeof message) return false;
  if (!HMAC(EVP_sha256(), factory->product_secret, (int)strlen(factory->product_secret), (unsigned char *)message,
            (size_t)length, digest, &size) ||
      2 * size + 1 != SIGNATURE_SIZE)
    return false;
  for (unsigned int i = 0; i < size; i++) snprintf(signature + 2 * i, 3, "%02x", digest[i]);
  return true;
}

static char *request_text(const factory_t *factory) {
  long long timestamp = (long long)time(NULL);
  char signature[SIGNATURE_SIZE];
  if (!sign(factory, timestamp, signature)) return NULL;
  cJSON *request = cJSON_CreateObject();
  cJSON_AddStringToObject(request, "type", factory->type);
  cJSON_AddStringToObject(request, "serial", factory->serial);
  cJSON_AddNumberToObject(request, "timestamp", (double)timestamp);
  cJSON_AddStringToObject(request, "signature", signature);
  char *text = cJSON_PrintUnformatted(request);
  cJSON_Delete(request);
  return text;
}

static void received(void *context, const char *topic, const char *payload, size_t length) {
  waiting_t *waiting = context;
  if (waiting->reply || strcmp(topic, waiting->topic) != 0) return;
  waiting->reply = cJSON_ParseWithLength(payload, length);
  if (!waiting->reply) waiting->reply = cJSON_CreateNull(); /* makes no sense: do not wait for another */
}

static const char *advice(int code) {
  switch (code) {
  case 2007:
    return "an operator must reset it: latchkey device reset ID";
  case 4003:
    return "wrong product secret, the type may not enroll, or the clock of this device is wrong";
  case 4029:
    return "too many attempts";
  default:
    return "see docs/protocol.md";
  }
}

static outcome_t refused(int code, const cJSON *reply, const cJSON *data) {
  const char *msg = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(reply, "msg"));
  const cJSON *retry = cJSON_GetObjectItemCaseSensitive(data, "retryAfter");
  outcome_t no =
      outcome(NOT_ENROLLED, code, "enrolling was refused with %d (%s): %s", code, msg ? msg : "", advice(code));
  double seconds = cJSON_IsNumber(retry) ? retry->valuedouble : 0;
  no.retry_seconds = seconds > 0 && seconds < LONGEST_RETRY_SECONDS ? seconds : 0;
  return no;
}

static outcome_t parse_reply(const cJSON *reply, credentials_t *credentials, char claim_code[CLAIM_CODE_SIZE]) {
  const cJSON *code = cJSON_GetObjectItemCaseSensitive(reply, "code");
  const cJSON *data = cJSON_GetObjectItemCaseSensitive(reply, "data");
  if (cJSON_IsNumber(code) && code->valueint != 0) return refused(code->valueint, reply, data);
  const char *id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(data, "deviceId"));
  const char *secret = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(data, "secret"));
  const char *claim = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(data, "claimCode"));
  if (!cJSON_IsNumber(code) || !id || !is_device_id(id) || !secret || !*secret || strlen(secret) >= SECRET_SIZE)
    return outcome(LOST, 0, "an answer to device/enroll that makes no sense");
  snprintf(credentials->id, sizeof credentials->id, "%s", id);
  snprintf(credentials->secret, sizeof credentials->secret, "%s", secret);
  snprintf(claim_code, CLAIM_CODE_SIZE, "%s", claim ? claim : "");
  return outcome(DONE, 0, "enrolled");
}

static outcome_t ask(connection_t *connection, const broker_t *broker, const factory_t *factory, waiting_t *waiting) {
  char client_id[ID_SIZE], topic[TOPIC_SIZE];
  snprintf(client_id, sizeof client_id, "enroll-%s", factory->serial);
  snprintf(waiting->topic, sizeof waiting->topic, "reply/%s/device/enroll", client_id);
  outcome_t step = connection_open(connection, broker, client_id, NULL, received, waiting);
  if (step.result != DONE) return step;
  snprintf(topic, sizeof topic, "reply/%s/#", client_id);
  step = connection_subscribe(connection, topic);
  if (step.result != DONE) return step;

  char *request = request_text(factory);
  if (!request) return outcome(LOST, 0, "the request could not be signed");
  snprintf(topic, sizeof topic, "request/%s/device/enroll", client_id);
  connection_publish(connection, topic, request);
  cJSON_free(request);
  for (double until = seconds_now() + ANSWER_SECONDS; !waiting->reply;) {
    if (seconds_now() > until) return outcome(LOST, 0, "no answer to device/enroll");
    step = connection_poll(connection, 100);
    if (step.result != DONE && !waiting->reply) return step;
  }
  return outcome(DONE, 0, "answered");
}

outcome_t enroll(const broker_t *broker, const factory_t *factory, credentials_t *credentials,
                 char claim_code[CLAIM_CODE_SIZE]) {
  connection_t connection;
  waiting_t waiting = {0};
  outcome_t answered = ask(&connection, broker, factory, &waiting);
  connection_close(&connection);
  if (answered.result == DONE) answered = parse_reply(waiting.reply, credentials, claim_code);
  cJSON_Delete(waiting.reply);
  return answered;
}
