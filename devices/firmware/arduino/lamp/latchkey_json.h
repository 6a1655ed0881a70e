// Reads JSON where it lies: no memory is taken, and nothing is believed. Text that is not JSON from end to end, or nests deeper than
// JSON_DEPTH, is refused as a whole, before anything of it is used.
#pragma once

#include <stddef.h>

const int JSON_DEPTH = 10;

class JsonObject;

// A piece of text that was checked already.
class JsonValue {
 public:
  JsonValue() {}
  JsonValue(const char *begin, const char *end) : begin_(begin), end_(end) {}

  // As it stands in the text: quotes, escapes and all.
  const char *raw() const { return begin_; }
  size_t rawLength() const { return static_cast<size_t>(end_ - begin_); }

  // False, and nothing changed, when it is something else.
  bool toBool(bool &value) const;
  // Whole numbers only, 50.0 and 5e1 among them.
  bool toWhole(long low, long high, long &value) const;
  // Text in UTF-8, ended by NUL; false when it is no text, holds a NUL, or is cut off because it does not fit.
  bool toText(char *out, size_t size) const;
  bool isText() const { return begin_ != end_ && *begin_ == '"'; }
  bool isObject() const { return begin_ != end_ && *begin_ == '{'; }
  // The members of an object; of anything else, none.
  JsonObject members() const;

 private:
  const char *begin_ = "";
  const char *end_ = begin_;
};

// Walks over the members of an object, in their order.
class JsonObject {
 public:
  JsonObject() {}
  // False when the text is no JSON object.
  static bool parse(const char *text, size_t length, JsonObject &object);

  // Moves to the next member; false when there is none.
  bool next();
  const JsonValue &key() const { return key_; }
  const JsonValue &value() const { return value_; }
  bool keyIs(const char *name) const;
  // The last member of that name, as in JSON.parse; does not move.
  bool find(const char *name, JsonValue &value) const;

 private:
  friend class JsonValue;
  JsonObject(const char *begin, const char *end) : begin_(begin), at_(begin), end_(end) {}
  const char *begin_ = "";
  const char *at_ = begin_;
  const char *end_ = begin_;
  JsonValue key_;
  JsonValue value_;
};
