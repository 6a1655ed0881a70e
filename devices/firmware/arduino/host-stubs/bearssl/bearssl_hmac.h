// BearSSL's HMAC by OpenSSL's.
#pragma once

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <string>

struct br_hash_class {};
static const br_hash_class br_sha256_vtable = {};

struct br_hmac_key_context {
  std::string key;
};
struct br_hmac_context {
  std::string key, message;
};
inline void br_hmac_key_init(br_hmac_key_context *keyed, const br_hash_class *, const void *key, size_t length) {
  keyed->key.assign(static_cast<const char *>(key), length);
}
inline void br_hmac_init(br_hmac_context *context, const br_hmac_key_context *keyed, size_t) { context->key = keyed->key; }
inline void br_hmac_update(br_hmac_context *context, const void *data, size_t length) {
  context->message.append(static_cast<const char *>(data), length);
}
inline size_t br_hmac_out(const br_hmac_context *context, void *out) {
  unsigned int size = 0;
  HMAC(EVP_sha256(), context->key.data(), static_cast<int>(context->key.size()),
       reinterpret_cast<const unsigned char *>(context->message.data()), context->message.size(),
       static_cast<unsigned char *>(out), &size);
  return size;
}
