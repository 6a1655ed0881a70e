// What differs between ESP8266 and ESP32: the flash, TLS, HMAC.
#pragma once

#include <Arduino.h>
#include <Client.h>

const size_t ID_SIZE = 65;
const size_t SECRET_SIZE = 129;
const size_t SIGNATURE_SIZE = 65;

struct Credentials {
  char id[ID_SIZE];
  char secret[SECRET_SIZE];
};

// False: there is no place to keep a secret, so none should be asked for.
bool boardOpenStore();
bool boardLoad(Credentials &credentials);
bool boardSave(const Credentials &credentials);
void boardForget();

// The network: TLS checked against the authority `ca` (PEM), or plain TCP when it is nullptr.
Client &boardClient(const char *ca);

// HMAC-SHA256 in lower-case hex.
void boardSign(const char *key, const char *message, char signature[SIGNATURE_SIZE]);
