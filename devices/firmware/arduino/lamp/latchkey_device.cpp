#include "latchkey_device.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#if defined(ESP8266)
#include <ESP8266WiFi.h>
#else
#include <WiFi.h>
#endif

static const uint16_t KEEP_ALIVE_SECONDS = 30;
static const uint16_t ANSWER_SECONDS = 15;
static const uint32_t STEADY_MS = 10000;
static const uint32_t FIRST_WAIT_MS = 1000;
static const uint32_t LONGEST_WAIT_MS = 60000;
static const uint32_t REFUSED_WAIT_MS = 300000;
static const uint32_t LOOK_AGAIN_MS = 2000;
static const uint32_t SLOWER_MS = 60000;
static const time_t LONG_AGO = 1700000000;  // a clock that shows less was never set
static const size_t TOPIC_SIZE = 128;
static const size_t RAW_ID_SIZE = 400;  // 64 characters, all of them escaped
static const int ENROLLED_ALREADY = 2007;
static const int FORBIDDEN = 4003;
static const int SLOW_DOWN = 4029;

LatchkeyDevice::LatchkeyDevice(const LatchkeySettings &settings, const LatchkeyHandlers &handlers)
    : settings_(settings), handlers_(handlers) {}

void LatchkeyDevice::begin() {
  static LatchkeyDevice *self;  // PubSubClient's callback has no context
  self = this;
  mqtt_.setClient(boardClient(settings_.ca));
  mqtt_.setServer(settings_.host, settings_.port);
  mqtt_.setBufferSize(PACKET_SIZE);
  mqtt_.setKeepAlive(KEEP_ALIVE_SECONDS);
  mqtt_.setSocketTimeout(ANSWER_SECONDS);
  mqtt_.setCallback([](char *topic, uint8_t *payload, unsigned int length) { self->received(topic, payload, length); });
  if (!boardOpenStore()) Serial.println("the flash cannot be used");
  state_ = WAITING;
  since_ = millis();
  waitMs_ = 0;
}

void LatchkeyDevice::loop() {
  if (state_ != WAITING) {
    if (!mqtt_.loop()) return state_ == WAITING ? void() : retry("the connection was lost");
    if (state_ == ENROLLING && millis() - since_ > ANSWER_SECONDS * 1000UL) retry("no answer to device/enroll");
    return;
  }
  if (millis() - since_ < waitMs_) return;
  if (WiFi.status() != WL_CONNECTED) return wait("no WiFi", LOOK_AGAIN_MS);
  if (time(nullptr) < LONG_AGO) return wait("no time from the NTP server", LOOK_AGAIN_MS);
  attempt();
}

bool LatchkeyDevice::hasCredentials() {
  if (*settings_.deviceId == '\0') return boardLoad(credentials_);
  snprintf(credentials_.id, sizeof credentials_.id, "%s", settings_.deviceId);
  snprintf(credentials_.secret, sizeof credentials_.secret, "%s", settings_.deviceSecret);
  return true;
}

void LatchkeyDevice::attempt() {
  if (!hasCredentials()) return startEnrolling();
  if (!connect(credentials_.id, credentials_.secret)) return;
  char topic[TOPIC_SIZE], whole[PACKET_SIZE];
  bool sent = true;
  static const char *const heard[][2] = {{"notify", "#"}, {"reply", "#"}, {"devices", "set"}, {"devices", "invoke/+"}};
  for (const auto &filter : heard) {
    snprintf(topic, sizeof topic, "%s/%s/%s", filter[0], credentials_.id, filter[1]);
    sent = mqtt_.subscribe(topic, 1) && sent;
  }
  handlers_.state(whole, sizeof whole);
  state_ = CONNECTED;
  since_ = millis();
  if (!publish("state", whole) || !sent) return retry("nothing can be sent");
  Serial.printf("connected as %s\n", credentials_.id);
}

// False when it was not let in; then it is waiting already.
bool LatchkeyDevice::connect(const char *id, const char *secret) {
  boardClient(settings_.ca);  // TLS looks at the clock as it is now
  if (secret ? mqtt_.connect(id, id, secret) : mqtt_.connect(id)) return true;
  const int code = mqtt_.state();
  if (code == MQTT_CONNECT_BAD_CREDENTIALS || code == MQTT_CONNECT_UNAUTHORIZED)
    wait("wrong device id or secret, or disabled. If an operator reset this device, send F over Serial to enroll again, or put its "
         "new secret into config.h",
         REFUSED_WAIT_MS / 2 + random(REFUSED_WAIT_MS / 2));
  else if (code == MQTT_CONNECT_BAD_CLIENT_ID)
    wait("client id refused: it must be the device id", REFUSED_WAIT_MS / 2 + random(REFUSED_WAIT_MS / 2));
  else
    retry("the broker cannot be reached");
  return false;
}

void LatchkeyDevice::startEnrolling() {
  if (*settings_.productSecret == '\0' || !boardOpenStore())
    return wait("no secret, and no way to get one: see config.h", REFUSED_WAIT_MS);
  char id[ID_SIZE], topic[TOPIC_SIZE], body[PACKET_SIZE], signature[SIGNATURE_SIZE];
  const long long now = time(nullptr);
  snprintf(id, sizeof id, "enroll-%s", settings_.serial);
  if (!connect(id, nullptr)) return;
  state_ = ENROLLING;
  since_ = millis();
  snprintf(topic, sizeof topic, "reply/%s/#", id);
  bool sent = mqtt_.subscribe(topic, 1);
  snprintf(body, sizeof body, "%s\n%s\n%lld", settings_.type, settings_.serial, now);
  boardSign(settings_.productSecret, body, signature);
  snprintf(body, sizeof body, "{\"type\":\"%s\",\"serial\":\"%s\",\"timestamp\":%lld,\"signature\":\"%s\"}", settings_.type,
           settings_.serial, now, signature);
  snprintf(topic, sizeof topic, "request/%s/device/enroll", id);
  sent = mqtt_.publish(topic, body) && sent;
  if (!sent) retry("nothing can be sent");
}

// PubSubClient has one buffer: what was received is overwritten by what is sent, so it is copied first.
void LatchkeyDevice::received(const char *topic, const uint8_t *payload, size_t length) {
  static char text[PACKET_SIZE];
  char name[TOPIC_SIZE], prefix[TOPIC_SIZE];
  if (length >= sizeof text || strlen(topic) >= sizeof name) return;
  memcpy(text, payload, length);
  text[length] = '\0';
  strcpy(name, topic);
  if (state_ == ENROLLING) {
    snprintf(prefix, sizeof prefix, "reply/enroll-%s/device/enroll", settings_.serial);
    if (strcmp(name, prefix) == 0) enrolled(text, length);
    return;
  }
  int skip = snprintf(prefix, sizeof prefix, "notify/%s/", credentials_.id);
  if (strncmp(name, prefix, static_cast<size_t>(skip)) == 0) return told(name + skip, text, length);
  skip = snprintf(prefix, sizeof prefix, "reply/%s/", credentials_.id);
  if (strncmp(name, prefix, static_cast<size_t>(skip)) == 0) return replied(name + skip, text, length);
  skip = snprintf(prefix, sizeof prefix, "devices/%s/", credentials_.id);
  if (strncmp(name, prefix, static_cast<size_t>(skip)) == 0) command(name + skip, text, length);
}

void LatchkeyDevice::enrolled(const char *reply, size_t length) {
  JsonObject object;
  JsonValue code, data, id, secret, claim;
  long number = 0;
  char claimCode[40] = "";
  if (!JsonObject::parse(reply, length, object) || !object.find("code", code) || !code.toWhole(0, 99999, number))
    return retry("an answer to device/enroll that makes no sense");
  if (number != 0) return enrollRefused(number, object);
  Credentials given = {};
  object.find("data", data);
  const JsonObject members = data.members();
  if (!members.find("deviceId", id) || !id.toText(given.id, sizeof given.id) || strpbrk(given.id, "/+#") ||
      !members.find("secret", secret) || !secret.toText(given.secret, sizeof given.secret))
    return retry("an answer to device/enroll that makes no sense");
  if (!boardSave(given)) return wait("the secret could not be kept: an operator must reset this device", REFUSED_WAIT_MS);
  if (members.find("claimCode", claim)) claim.toText(claimCode, sizeof claimCode);
  Serial.printf("enrolled as %s, claim code %s\n", given.id, *claimCode ? claimCode : "(none: the device has an owner)");
  wait(nullptr, 0);
}

void LatchkeyDevice::enrollRefused(long code, const JsonObject &reply) {
  char why[256], msg[120] = "";
  JsonValue text, data, after;
  long seconds = 0;
  if (reply.find("msg", text)) text.toText(msg, sizeof msg);
  const char *const advice =
      code == ENROLLED_ALREADY ? "an operator must reset it: latchkey device reset ID"
      : code == FORBIDDEN      ? "wrong product secret, the type may not enroll, or the clock of this device is wrong"
                               : "too many attempts, or see docs/protocol.md";
  snprintf(why, sizeof why, "enrolling was refused with %ld (%s): %s", code, msg, advice);
  if (code != SLOW_DOWN) return wait(why, REFUSED_WAIT_MS / 2 + random(REFUSED_WAIT_MS / 2));
  if (reply.find("data", data) && data.members().find("retryAfter", after)) after.toWhole(0, 86400, seconds);
  wait(why, static_cast<uint32_t>(seconds) * 1000 + SLOWER_MS + random(SLOWER_MS));
}

// The developer's mistake is told to the developer.
void LatchkeyDevice::told(const char *kind, const char *text, size_t length) {
  JsonObject refusal;
  JsonValue value;
  char topic[TOPIC_SIZE] = "", property[72] = "", msg[256] = "";
  long code = 0;
  if (strcmp(kind, "denied") != 0 || !JsonObject::parse(text, length, refusal)) return;
  if (!refusal.find("msg", value) || !value.isText()) return;
  value.toText(msg, sizeof msg);
  if (refusal.find("topic", value)) value.toText(topic, sizeof topic);
  if (refusal.find("property", value)) value.toText(property, sizeof property);
  if (refusal.find("code", value)) value.toWhole(0, 99999, code);
  Serial.printf("refused: %s%s%s: %s (%ld)\n", topic, *property ? " " : "", property, msg, code);
  if (handlers_.refused) handlers_.refused(refusal);
}

void LatchkeyDevice::replied(const char *operation, const char *text, size_t length) {
  JsonObject reply;
  JsonValue value;
  char msg[256] = "";
  long code = 0;
  if (strcmp(operation, "device/offer") != 0 || !JsonObject::parse(text, length, reply)) return;
  if (!reply.find("code", value) || !value.toWhole(0, 99999, code)) return;
  if (code == 0) return Serial.println("the code of the label is valid for two minutes");
  if (reply.find("msg", value)) value.toText(msg, sizeof msg);
  Serial.printf("cannot be added: %s (%ld)\n", msg, code);
}

// Does a command, reports, then acknowledges: who waits for the ack has the new values already.
void LatchkeyDevice::command(const char *what, const char *text, size_t length) {
  static const char invoke[] = "invoke/";
  JsonObject object;
  JsonValue id, input;
  if (!JsonObject::parse(length == 0 ? "{}" : text, length == 0 ? 2 : length, object)) return;
  const char *problem = "no such command";
  if (strcmp(what, "set") == 0) {
    problem = doSet(object);
  } else if (strncmp(what, invoke, sizeof invoke - 1) == 0) {
    object.find("input", input);
    problem = handlers_.invoke(what + sizeof invoke - 1, input.members());
  }
  if (object.find("id", id) && id.isText() && id.rawLength() < RAW_ID_SIZE) acknowledge(id, problem);
}

// A command without its id is what is set, and, word for word, what is reported.
const char *LatchkeyDevice::doSet(JsonObject command) {
  static char wanted[PACKET_SIZE];
  size_t used = 0;
  wanted[used++] = '{';
  while (command.next()) {
    if (command.keyIs("id")) continue;
    const JsonValue &key = command.key(), &value = command.value();
    if (used + key.rawLength() + value.rawLength() + 4 > sizeof wanted) return "too much at once";
    if (used > 1) wanted[used++] = ',';
    memcpy(wanted + used, key.raw(), key.rawLength());
    used += key.rawLength();
    wanted[used++] = ':';
    memcpy(wanted + used, value.raw(), value.rawLength());
    used += value.rawLength();
  }
  wanted[used++] = '}';
  wanted[used] = '\0';
  JsonObject properties;
  if (!JsonObject::parse(wanted, used, properties)) return "too much at once";
  const char *const problem = handlers_.set(properties);
  if (!problem) report(wanted);
  return problem;
}

// The id goes back as it came, escapes and all.
void LatchkeyDevice::acknowledge(const JsonValue &id, const char *problem) {
  char ack[RAW_ID_SIZE + 256];
  const int length = static_cast<int>(id.rawLength());
  if (problem)
    snprintf(ack, sizeof ack, "{\"id\":%.*s,\"code\":2005,\"msg\":\"%s\"}", length, id.raw(), problem);
  else
    snprintf(ack, sizeof ack, "{\"id\":%.*s,\"code\":0}", length, id.raw());
  publish("ack", ack);
}

bool LatchkeyDevice::report(const char *changes) { return publish("state", changes); }

bool LatchkeyDevice::publish(const char *kind, const char *payload) {
  char topic[TOPIC_SIZE];
  snprintf(topic, sizeof topic, "devices/%s/%s", credentials_.id, kind);
  return state_ == CONNECTED && mqtt_.publish(topic, payload);
}

void LatchkeyDevice::offer() {
  char topic[TOPIC_SIZE];
  snprintf(topic, sizeof topic, "request/%s/device/offer", credentials_.id);
  if (state_ != CONNECTED || !mqtt_.publish(topic, "{}")) Serial.println("cannot be added: not connected");
}

void LatchkeyDevice::forget() {
  boardForget();
  wait("the device's secret is forgotten", 0);
}

// Exponential, with jitter, so that a thousand devices do not come back in one instant.
void LatchkeyDevice::retry(const char *why) {
  if (state_ == CONNECTED && millis() - since_ > STEADY_MS) failures_ = 0;
  uint32_t bound = FIRST_WAIT_MS;
  for (uint8_t i = 0; i < failures_ && bound < LONGEST_WAIT_MS; i++) bound *= 2;
  if (failures_ < 255) failures_++;
  wait(why, random(bound < LONGEST_WAIT_MS ? bound : LONGEST_WAIT_MS));
}

void LatchkeyDevice::wait(const char *why, uint32_t milliseconds) {
  mqtt_.disconnect();
  state_ = WAITING;
  since_ = millis();
  waitMs_ = milliseconds;
  if (why) Serial.printf("%s; next attempt in %lu s\n", why, static_cast<unsigned long>((milliseconds + 500) / 1000));
}
