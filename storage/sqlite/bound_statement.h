// Private to storage/: one execution of a prepared statement.
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

// Binds ?1, ?2, … in order (copying text; a blob's bytes have to live until the last step) and
// resets the statement when it goes, so that a failed execution never leaves a statement open
// inside a transaction.
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

  // Binds the next ones.
  template <class... Args>
  void add(const Args&... args) {
    (bind(++bound_, args), ...);
  }
  // Whether there is a (next) row.
  bool step() { return statement_.executeStep(); }
  // For statements without rows; gives the number of rows that were changed.
  int run() { return statement_.exec(); }
  [[nodiscard]] std::int64_t integer(int column) { return statement_.getColumn(column).getInt64(); }
  [[nodiscard]] std::optional<std::int64_t> optional_integer(int column) {
    if (statement_.isColumnNull(column)) return std::nullopt;
    return integer(column);
  }
  // Text or blob, every byte of it.
  [[nodiscard]] std::string text(int column) { return std::string(view(column)); }
  // The same without a copy; valid until the next step.
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
