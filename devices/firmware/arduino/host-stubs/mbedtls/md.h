// mbedTLS' HMAC by OpenSSL's.
#pragma once

#include <openssl/evp.h>
#include <openssl/hmac.h>

enum mbedtls_md_type_t { MBEDTLS_MD_SHA256 };
struct mbedtls_md_info_t {};

inline const mbedtls_md_info_t *mbedtls_md_info_from_type(mbedtls_md_type_t) {
  static const mbedtls_md_info_t sha256 = {};
  return &sha256;
}
inline int mbedtls_md_hmac(const mbedtls_md_info_t *, const unsigned char *key, size_t keyLength, const unsigned char *message,
                           size_t length, unsigned char *out) {
  return HMAC(EVP_sha256(), key, static_cast<int>(keyLength), message, length, out, nullptr) ? 0 : -1;
}
