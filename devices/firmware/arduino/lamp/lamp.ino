// A lamp: the device type devices/types/lamp.json, on ESP8266 and ESP32. Copy config.example.h to config.h first.
#include <Arduino.h>

#include "config.h"
#include "latchkey_device.h"

#if defined(ESP8266)
#include <ESP8266WiFi.h>
#else
#include <WiFi.h>
#endif

static const uint32_t BLINK_MS = 400;

static bool on = false;
static long brightness = 80;
static long colorTemperature = 4000;  // kept and reported; one LED cannot show it
static int togglesLeft = 0;
static uint32_t lastToggle = 0;
static const uint32_t HOLD_MS = 5000;
static uint32_t heldSince = 0;  // 0: the button is not held, or has been heard already
static bool wasHeld = false;

static const char *set(const JsonObject &wanted);
static const char *invoke(const char *action, const JsonObject &input);
static void state(char *out, size_t size);

#ifndef LATCHKEY_CA
#define LATCHKEY_CA nullptr
#endif
static const LatchkeySettings settings = {
    LATCHKEY_HOST,   LATCHKEY_PORT,           LATCHKEY_CA,        "lamp",
    LATCHKEY_SERIAL, LATCHKEY_PRODUCT_SECRET, LATCHKEY_DEVICE_ID, LATCHKEY_DEVICE_SECRET};
static const LatchkeyHandlers handlers = {set, invoke, state, nullptr};
static LatchkeyDevice device(settings, handlers);

// What the hardware does.
static void show() {
  const int level = on ? static_cast<int>(brightness * 255 / 100) : 0;
  analogWrite(LED_PIN, LED_LIT_BY_LOW ? 255 - level : level);
  Serial.printf("lamp %s at %ld %%, %ld K\n", on ? "on" : "off", brightness, colorTemperature);
}

static const char *set(const JsonObject &wanted) {
  bool nextOn = on;
  long nextBrightness = brightness, nextTemperature = colorTemperature;
  JsonValue ignored;
  for (JsonObject walk = wanted; walk.next();) {
    if (walk.keyIs("on")) {
      if (!walk.value().toBool(nextOn)) return "on: must be true or false";
    } else if (walk.keyIs("brightness")) {
      if (!walk.value().toWhole(0, 100, nextBrightness)) return "brightness: must be a whole number from 0 to 100";
    } else if (walk.keyIs("colorTemperature")) {
      if (!walk.value().toWhole(2700, 6500, nextTemperature) || nextTemperature % 100)
        return "colorTemperature: must be hundreds from 2700 to 6500";
    } else {
      return "a lamp has no such property";
    }
  }
  if (wanted.find("on", ignored)) togglesLeft = 0;
  on = nextOn;
  brightness = nextBrightness;
  colorTemperature = nextTemperature;
  show();
  return nullptr;
}

static const char *invoke(const char *action, const JsonObject &input) {
  JsonValue times;
  long count = 3;
  if (strcmp(action, "blink") != 0) return "a lamp has no such action";
  if (input.find("times", times) && !times.toWhole(1, 20, count)) return "times: must be a whole number from 1 to 20";
  // From the state before the blinking under way, so that the lamp ends as it was.
  togglesLeft = static_cast<int>(2 * count) + togglesLeft % 2;
  lastToggle = millis() - BLINK_MS;
  return nullptr;
}

static void state(char *out, size_t size) {
  snprintf(out, size, "{\"on\":%s,\"brightness\":%ld,\"colorTemperature\":%ld}", on ? "true" : "false", brightness,
           colorTemperature);
}

static void blinkOn() {
  if (togglesLeft == 0 || millis() - lastToggle < BLINK_MS) return;
  togglesLeft--;
  lastToggle += BLINK_MS;
  on = !on;
  device.report(on ? "{\"on\":true}" : "{\"on\":false}");
  show();
}

// A button that is held for five seconds: whoever scans the label within two minutes gets the lamp, if nobody has it.
static void watchButton() {
  const bool isHeld = digitalRead(BUTTON_PIN) == LOW;
  if (isHeld && !wasHeld) heldSince = millis() | 1;
  wasHeld = isHeld;
  if (!isHeld || heldSince == 0 || millis() - heldSince < HOLD_MS) return;
  heldSince = 0;
  device.offer();
}

void setup() {
  Serial.begin(115200);
  pinMode(LED_PIN, OUTPUT);
  pinMode(BUTTON_PIN, INPUT_PULLUP);
  WiFi.persistent(false);
  WiFi.mode(WIFI_STA);
  WiFi.setAutoReconnect(true);
  WiFi.begin(WIFI_SSID, WIFI_PASSWORD);
  configTime(0, 0, NTP_SERVER);  // enrolling and TLS need the time; the device waits for it
  device.begin();
}

void loop() {
  device.loop();
  blinkOn();
  watchButton();
  const int typed = Serial.available() > 0 ? Serial.read() : 0;
  if (typed == 'F') device.forget();
  if (typed == 'O') device.offer();
  delay(1);
}
