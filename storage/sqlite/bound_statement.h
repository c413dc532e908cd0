// Private to storage/: runs a prepared statement once. Every call may throw SQLite::Exception; use
// it inside Connection::attempt.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <SQLiteCpp/SQLiteCpp.h>

namespace ballast::storage {

struct Blob {
  std::string_view bytes;
};

// Binds ?1, ?2, … in order. Text is copied; a blob's bytes must live until the last step. The
// destructor resets the statement, so that a failed execution never leaves one open inside a
// transaction.
class BoundStatement {
 public:
  template <class... Args>
  explicit BoundStatement(SQLite::Statement& statement, const Args&... args)
      : statement_(statement) {
    add(args...);
  }
  ~BoundStatement() { statement_.tryReset(); }
  BoundStatement(const BoundStatement&) = delete;
  BoundStatement& operator=(const BoundStatement&) = delete;

  // Binds the next parameters.
  template <class... Args>
  void add(const Args&... args) {
    (bind(++bound_, args), ...);
  }
  // Goes to the next row. Returns false if there is none.
  bool step() { return statement_.executeStep(); }
  // Runs a statement that has no rows. Returns how many rows of the database it changed.
  int run() { return statement_.exec(); }
  [[nodiscard]] std::int64_t integer(int column) { return statement_.getColumn(column).getInt64(); }
  [[nodiscard]] std::optional<std::int64_t> optional_integer(int column) {
    if (statement_.isColumnNull(column)) return std::nullopt;
    return integer(column);
  }
  // Returns every byte of a text or blob.
  [[nodiscard]] std::string text(int column) { return std::string(view(column)); }
  // Returns the same without a copy; valid until the next step.
  [[nodiscard]] std::string_view view(int column) {
    const SQLite::Column value = statement_.getColumn(column);
    const auto* bytes = static_cast<const char*>(value.getBlob());
    return {bytes, static_cast<std::size_t>(value.getBytes())};
  }

 private:
  void bind(int index, std::int64_t value) { statement_.bind(index, value); }
  void bind(int index, const std::optional<std::int64_t>& value) {
    value ? statement_.bind(index, *value) : statement_.bind(index);
  }
  void bind(int index, std::string_view value) { statement_.bind(index, std::string(value)); }
  void bind(int index, const Blob& blob) {
    statement_.bindNoCopy(index, blob.bytes.data(), static_cast<int>(blob.bytes.size()));
  }
  void bind(int index, const std::optional<Blob>& blob) {
    blob ? bind(index, *blob) : statement_.bind(index);
  }

  SQLite::Statement& statement_;
  int bound_ = 0;
};

}  // namespace ballast::storage
