// Copy this file to config.h and fill it in. config.h is not for the repository: it holds secrets.
#pragma once

#define WIFI_SSID "my network"
#define WIFI_PASSWORD "my password"

#define LATCHKEY_HOST "192.168.1.10"
#define LATCHKEY_PORT 1883

// TLS: the authority (PEM) that signed the broker's certificate, on port 8883. Without it everything, secrets included, goes over the
// air as plain text: for a first try only.
// #define LATCHKEY_CA "-----BEGIN CERTIFICATE-----\n" \
//   "…\n" \
//   "-----END CERTIFICATE-----\n"

// Either a device that was registered by hand (latchkey device add --type lamp):
#define LATCHKEY_DEVICE_ID "lamp-1"
#define LATCHKEY_DEVICE_SECRET "…"

// or, with both of those "", one that enrolls at its first start by its serial number and the secret of the product:
#define LATCHKEY_SERIAL "SN0001"
#define LATCHKEY_PRODUCT_SECRET ""

#define NTP_SERVER "pool.ntp.org"

// 2 is the blue LED of most ESP8266 modules (lit by LOW) and of many ESP32 boards (lit by HIGH).
#define LED_PIN 2
#define LED_LIT_BY_LOW 0

// 0 is the button BOOT or FLASH of most boards, which reads LOW while it is held.
#define BUTTON_PIN 0
