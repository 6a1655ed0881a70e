// A Latchkey device: enrolls once, stays connected, hears commands. Nothing here blocks but connecting, for some seconds at most.
#pragma once

#include <PubSubClient.h>

#include "latchkey_board.h"
#include "latchkey_json.h"

// Largest MQTT packet that is sent or received; a larger one is passed over.
const uint16_t PACKET_SIZE = 1024;

struct LatchkeySettings {
  const char *host;
  uint16_t port;
  const char *ca;             // nullptr: no TLS
  const char *type;
  const char *serial;         // 1 to 31 of A-Z a-z 0-9 _ -
  const char *productSecret;  // empty: does not enroll
  const char *deviceId;       // not empty: this device was registered by hand, and this is its secret
  const char *deviceSecret;
};

// What the device does. The handlers of commands return nullptr when it is done, or words for the user why it cannot be: answered 2005.
struct LatchkeyHandlers {
  // Applies properties, all of them or none; `id` is not among them. They are reported when it returns nullptr.
  const char *(*set)(const JsonObject &wanted);
  const char *(*invoke)(const char *action, const JsonObject &input);
  // The whole state as a JSON object. Every connection begins with it.
  void (*state)(char *out, size_t size);
  // nullptr, or told what the broker refused of what this device sent, when that is printed: `topic`, `code`, `msg`, and the `property` of a
  // report whose value was left out, or the `rule` that refused a whole message.
  void (*refused)(const JsonObject &refusal);
};

class LatchkeyDevice {
 public:
  LatchkeyDevice(const LatchkeySettings &settings, const LatchkeyHandlers &handlers);

  // Once, when Serial is there.
  void begin();
  // As often as possible.
  void loop();
  // Sends what changed: a JSON object. False when it did not leave; the next connection begins with the whole state.
  bool report(const char *changes);
  // Its button was held: while nobody owns the device, the code of its label is valid again for two minutes. What came of it is printed.
  void offer();
  // The device's own secret is gone, and it may enroll again when an operator has reset it.
  void forget();

 private:
  enum State { WAITING, ENROLLING, CONNECTED };

  void received(const char *topic, const uint8_t *payload, size_t length);
  void attempt();
  bool connect(const char *id, const char *secret);
  void startEnrolling();
  void enrolled(const char *reply, size_t length);
  void enrollRefused(long code, const JsonObject &reply);
  void told(const char *kind, const char *text, size_t length);
  void replied(const char *operation, const char *text, size_t length);
  void command(const char *what, const char *text, size_t length);
  const char *doSet(JsonObject command);
  void acknowledge(const JsonValue &id, const char *problem);
  bool publish(const char *kind, const char *payload);
  bool hasCredentials();
  void retry(const char *why);
  void wait(const char *why, uint32_t milliseconds);

  const LatchkeySettings &settings_;
  const LatchkeyHandlers &handlers_;
  PubSubClient mqtt_;
  Credentials credentials_ = {};
  State state_ = WAITING;
  uint32_t since_ = 0;  // millis() when state_ began
  uint32_t waitMs_ = 0;
  uint8_t failures_ = 0;
};
