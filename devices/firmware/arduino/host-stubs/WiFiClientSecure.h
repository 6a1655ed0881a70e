#pragma once

#include <Client.h>
#include <time.h>

#if defined(ESP8266)
namespace BearSSL {
struct X509List {
  explicit X509List(const char *pem) : pem_(pem) {}
  const char *pem_;
};
class WiFiClientSecure : public Client {
 public:
  void setTrustAnchors(const X509List *list) { list_ = list; }
  void setX509Time(time_t) {}
  const char *hostAuthority() const override { return list_ ? list_->pem_ : nullptr; }

 private:
  const X509List *list_ = nullptr;
};
}  // namespace BearSSL
#else
class WiFiClientSecure : public Client {
 public:
  void setCACert(const char *pem) { pem_ = pem; }
  const char *hostAuthority() const override { return pem_; }

 private:
  const char *pem_ = nullptr;
};
#endif
