#include "latchkey_board.h"

#include <WiFiClientSecure.h>
#include <string.h>
#include <time.h>

#if defined(ESP8266)
#include <ESP8266WiFi.h>
#include <LittleFS.h>
#include <bearssl/bearssl_hmac.h>
#elif defined(ESP32)
#include <Preferences.h>
#include <WiFi.h>
#include <mbedtls/md.h>
#else
#error "ESP8266 or ESP32"
#endif

static const size_t DIGEST_BYTES = 32;

#if defined(ESP8266)

static const char STORE[] = "/latchkey";
static const char DRAFT[] = "/latchkey.new";

bool boardOpenStore() { return LittleFS.begin(); }

bool boardLoad(Credentials &credentials) {
  File file = LittleFS.open(STORE, "r");
  if (!file) return false;
  const bool whole = file.read(reinterpret_cast<uint8_t *>(&credentials), sizeof credentials) == sizeof credentials;
  file.close();
  credentials.id[ID_SIZE - 1] = '\0';
  credentials.secret[SECRET_SIZE - 1] = '\0';
  return whole && credentials.id[0] != '\0' && credentials.secret[0] != '\0';
}

// Whole or not at all: a rename is one step in LittleFS.
bool boardSave(const Credentials &credentials) {
  File file = LittleFS.open(DRAFT, "w");
  if (!file) return false;
  const bool whole =
      file.write(reinterpret_cast<const uint8_t *>(&credentials), sizeof credentials) == sizeof credentials;
  file.close();
  return whole && LittleFS.rename(DRAFT, STORE);
}

void boardForget() { LittleFS.remove(STORE); }

Client &boardClient(const char *ca) {
  static WiFiClient plain;
  static BearSSL::WiFiClientSecure secure;
  static BearSSL::X509List *trusted = nullptr;
  if (!ca) return plain;
  if (!trusted) trusted = new BearSSL::X509List(ca);
  secure.setTrustAnchors(trusted);
  secure.setX509Time(time(nullptr));
  return secure;
}

static void hmacSha256(const char *key, const char *message, uint8_t digest[DIGEST_BYTES]) {
  br_hmac_key_context keyed;
  br_hmac_context context;
  br_hmac_key_init(&keyed, &br_sha256_vtable, key, strlen(key));
  br_hmac_init(&context, &keyed, 0);
  br_hmac_update(&context, message, strlen(message));
  br_hmac_out(&context, digest);
}

#else

static Preferences store;

bool boardOpenStore() {
  static bool open = false;
  if (!open) open = store.begin("latchkey", false);
  return open;
}

bool boardLoad(Credentials &credentials) {
  const size_t size = sizeof credentials;
  if (store.getBytesLength("device") != size || store.getBytes("device", &credentials, size) != size) return false;
  credentials.id[ID_SIZE - 1] = '\0';
  credentials.secret[SECRET_SIZE - 1] = '\0';
  return credentials.id[0] != '\0' && credentials.secret[0] != '\0';
}

bool boardSave(const Credentials &credentials) {
  return store.putBytes("device", &credentials, sizeof credentials) == sizeof credentials;
}

void boardForget() { store.remove("device"); }

Client &boardClient(const char *ca) {
  static WiFiClient plain;
  static WiFiClientSecure secure;
  if (!ca) return plain;
  secure.setCACert(ca);
  return secure;
}

static void hmacSha256(const char *key, const char *message, uint8_t digest[DIGEST_BYTES]) {
  mbedtls_md_hmac(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), reinterpret_cast<const unsigned char *>(key), strlen(key),
                  reinterpret_cast<const unsigned char *>(message), strlen(message), digest);
}

#endif

void boardSign(const char *key, const char *message, char signature[SIGNATURE_SIZE]) {
  uint8_t digest[DIGEST_BYTES];
  hmacSha256(key, message, digest);
  for (size_t i = 0; i < DIGEST_BYTES; i++) snprintf(signature + 2 * i, 3, "%02x", static_cast<unsigned>(digest[i]));
}
