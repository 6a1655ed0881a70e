#include "latchkey_json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }

int hexDigit(char c) {
  if (isDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// Every skip… begins at `at`, never looks at `end` or beyond, and returns what comes after, or nullptr when the text is malformed.
const char *skipSpace(const char *at, const char *end) {
  while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')) at++;
  return at;
}

const char *skipEscape(const char *at, const char *end) {
  if (at >= end) return nullptr;
  if (*at != 'u') return strchr("\"\\/bfnrt", *at) && *at ? at + 1 : nullptr;
  if (end - at < 5) return nullptr;
  for (int i = 1; i <= 4; i++)
    if (hexDigit(at[i]) < 0) return nullptr;
  return at + 5;
}

const char *skipText(const char *at, const char *end) {
  if (at >= end || *at != '"') return nullptr;
  at++;
  while (at < end && *at != '"') {
    if (static_cast<unsigned char>(*at) < 0x20) return nullptr;
    if (*at++ != '\\') continue;
    at = skipEscape(at, end);
    if (!at) return nullptr;
  }
  return at < end ? at + 1 : nullptr;
}

const char *skipDigits(const char *at, const char *end) {
  if (at >= end || !isDigit(*at)) return nullptr;
  while (at < end && isDigit(*at)) at++;
  return at;
}

const char *skipNumber(const char *at, const char *end) {
  if (at < end && *at == '-') at++;
  at = at < end && *at == '0' ? at + 1 : skipDigits(at, end);
  if (at && at < end && *at == '.') at = skipDigits(at + 1, end);
  if (at && at < end && (*at == 'e' || *at == 'E')) {
    at++;
    if (at < end && (*at == '+' || *at == '-')) at++;
    at = skipDigits(at, end);
  }
  return at;
}

const char *skipWord(const char *at, const char *end, const char *word) {
  const size_t length = strlen(word);
  return static_cast<size_t>(end - at) >= length && memcmp(at, word, length) == 0 ? at + length : nullptr;
}

const char *skipValue(const char *at, const char *end, int depth);

// Between brackets: members of an object, or elements of an array.
const char *skipContainer(const char *at, const char *end, int depth) {
  const bool isObject = *at == '{';
  const char close = isObject ? '}' : ']';
  if (depth <= 0) return nullptr;
  at = skipSpace(at + 1, end);
  if (at < end && *at == close) return at + 1;
  for (;;) {
    if (isObject) {
      at = skipText(skipSpace(at, end), end);
      if (!at) return nullptr;
      at = skipSpace(at, end);
      if (at >= end || *at++ != ':') return nullptr;
    }
    at = skipValue(skipSpace(at, end), end, depth - 1);
    if (!at) return nullptr;
    at = skipSpace(at, end);
    if (at >= end) return nullptr;
    if (*at == close) return at + 1;
    if (*at++ != ',') return nullptr;
  }
}

const char *skipValue(const char *at, const char *end, int depth) {
  if (at >= end) return nullptr;
  switch (*at) {
    case '{':
    case '[':
      return skipContainer(at, end, depth);
    case '"':
      return skipText(at, end);
    case 't':
      return skipWord(at, end, "true");
    case 'f':
      return skipWord(at, end, "false");
    case 'n':
      return skipWord(at, end, "null");
    default:
      return skipNumber(at, end);
  }
}

uint32_t hex4(const char *at) {
  uint32_t value = 0;
  for (int i = 0; i < 4; i++) value = value * 16 + static_cast<uint32_t>(hexDigit(at[i]));
  return value;
}

// The character of an escape; `at` moves behind it. Half of a surrogate pair alone becomes U+FFFD.
uint32_t decodeEscape(const char *&at, const char *end) {
  const char kind = *at++;
  if (kind != 'u') {
    const char *const known = strchr("b\bf\fn\nr\rt\t", kind);
    return static_cast<unsigned char>(known ? known[1] : kind);
  }
  const uint32_t first = hex4(at);
  at += 4;
  if (first < 0xD800 || first > 0xDFFF) return first;
  if (first > 0xDBFF || end - at < 6 || at[0] != '\\' || at[1] != 'u') return 0xFFFD;
  const uint32_t second = hex4(at + 2);
  if (second < 0xDC00 || second > 0xDFFF) return 0xFFFD;
  at += 6;
  return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
}

size_t encodeUtf8(uint32_t c, char *out) {
  if (c < 0x80) {
    out[0] = static_cast<char>(c);
    return 1;
  }
  const size_t more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  const uint32_t lead[] = {0, 0xC0, 0xE0, 0xF0};
  out[0] = static_cast<char>(lead[more] | (c >> (6 * more)));
  for (size_t i = 1; i <= more; i++) out[i] = static_cast<char>(0x80 | ((c >> (6 * (more - i))) & 0x3F));
  return more + 1;
}

}  // namespace

bool JsonValue::toBool(bool &value) const {
  const bool isTrue = *begin_ == 't';
  if (!isTrue && *begin_ != 'f') return false;
  value = isTrue;
  return true;
}

bool JsonValue::toWhole(long low, long high, long &value) const {
  char text[32];
  if (!isDigit(*begin_) && *begin_ != '-') return false;
  if (rawLength() >= sizeof text) return false;
  memcpy(text, begin_, rawLength());
  text[rawLength()] = '\0';
  const double number = strtod(text, nullptr);
  if (!(number >= static_cast<double>(low) && number <= static_cast<double>(high))) return false;
  if (number != static_cast<double>(static_cast<long>(number))) return false;
  value = static_cast<long>(number);
  return true;
}

bool JsonValue::toText(char *out, size_t size) const {
  size_t used = 0;
  out[0] = '\0';
  if (!isText()) return false;
  const char *const end = end_ - 1;
  for (const char *at = begin_ + 1; at < end;) {
    char encoded[4] = {*at};
    size_t length = 1;
    if (*at++ == '\\') {
      const uint32_t c = decodeEscape(at, end);
      if (c == 0) return false;
      length = encodeUtf8(c, encoded);
    }
    if (used + length >= size) return false;
    memcpy(out + used, encoded, length);
    used += length;
    out[used] = '\0';
  }
  return true;
}

JsonObject JsonValue::members() const { return isObject() ? JsonObject(begin_, end_) : JsonObject(); }

bool JsonObject::parse(const char *text, size_t length, JsonObject &object) {
  const char *const end = text + length;
  const char *const begin = skipSpace(text, end);
  if (begin >= end || *begin != '{') return false;
  const char *const after = skipContainer(begin, end, JSON_DEPTH);
  if (!after || skipSpace(after, end) != end) return false;
  object = JsonObject(begin, after);
  return true;
}

bool JsonObject::next() {
  if (at_ == end_) return false;
  const char *const begin = skipSpace(at_ + 1, end_);  // behind the bracket or the comma
  if (begin >= end_ || *begin == '}') {
    at_ = end_;
    return false;
  }
  const char *const keyEnd = skipText(begin, end_);
  if (!keyEnd) return false;
  const char *const valueBegin = skipSpace(skipSpace(keyEnd, end_) + 1, end_);
  const char *const valueEnd = skipValue(valueBegin, end_, JSON_DEPTH);
  if (!valueEnd) return false;
  key_ = JsonValue(begin, keyEnd);
  value_ = JsonValue(valueBegin, valueEnd);
  at_ = skipSpace(valueEnd, end_);
  return true;
}

bool JsonObject::keyIs(const char *name) const {
  char text[40];
  return key_.toText(text, sizeof text) && strcmp(text, name) == 0;
}

bool JsonObject::find(const char *name, JsonValue &value) const {
  bool found = false;
  for (JsonObject walk(begin_, end_); walk.next();) {
    if (!walk.keyIs(name)) continue;
    value = walk.value();
    found = true;
  }
  return found;
}
