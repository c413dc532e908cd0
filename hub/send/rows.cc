#include "hub/send/rows.h"

#include <limits>
#include <utility>

#include <fmt/format.h>

#include "hub/hub_error.h"

namespace ballast::hub {
namespace {

constexpr std::size_t kPiece = std::size_t{64} * 1024;
constexpr std::string_view kSignature("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
constexpr std::string_view kTrailer("\377\377", 2);
constexpr std::string_view kNull("\377\377\377\377", 4);

// The highest byte comes first.
template <class Integer>
void append(std::string& bytes, Integer value) {
  for (unsigned shift = 8 * sizeof(value); shift > 0;) {
    shift -= 8;
    bytes += static_cast<char>(static_cast<std::make_unsigned_t<Integer>>(value) >> shift & 0xffU);
  }
}

template <class Integer>
bool append_field(std::string& bytes, std::int64_t value) {
  if (value < std::numeric_limits<Integer>::min() || value > std::numeric_limits<Integer>::max()) {
    return false;
  }
  append(bytes, static_cast<std::int32_t>(sizeof(Integer)));
  append(bytes, static_cast<Integer>(value));
  return true;
}

bool append_number(std::string& bytes, ColumnType type, std::int64_t value) {
  switch (type) {
    case ColumnType::kSmallint:
      return append_field<std::int16_t>(bytes, value);
    case ColumnType::kInteger:
      return append_field<std::int32_t>(bytes, value);
    default:
      return append_field<std::int64_t>(bytes, value);
  }
}

void append_text(std::string& bytes, std::string_view text) {
  append(bytes, static_cast<std::int32_t>(text.size()));
  bytes += text;
}

}  // namespace

Status append_row(const Table& table, const Row& row, std::string& bytes) {
  append(bytes, static_cast<std::int16_t>(row.size()));
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (const auto* number = std::get_if<std::int64_t>(&row[i])) {
      if (append_number(bytes, table.columns[i].type, *number)) continue;
      return fail(ErrorCode::kStorage,
                  fmt::format("{}.{} cannot be {}", table.name, table.columns[i].name, *number));
    }
    if (const auto* text = std::get_if<std::string_view>(&row[i])) {
      append_text(bytes, *text);
    } else {
      bytes += kNull;
    }
  }
  return {};
}

std::string bytes_of(const Rows& rows, int row, std::size_t columns) {
  std::string bytes;
  append(bytes, static_cast<std::int16_t>(columns));
  for (int column = 0; column < static_cast<int>(columns); ++column) {
    if (rows.is_null(row, column)) {
      bytes += kNull;
    } else {
      append_text(bytes, rows.text(row, column));
    }
  }
  return bytes;
}

Result<CopyRows> CopyRows::begin(Connection& hub, std::string_view doing, const Table& table) {
  std::string columns;
  for (const Column& column : table.columns) {
    columns += (columns.empty() ? "" : ", ") + column.name;
  }
  auto begun = hub.begin_copy(
      doing, fmt::format("COPY ballast.{} ({}) FROM STDIN (FORMAT binary)", table.name, columns));
  if (!begun) return fail(std::move(begun.error()));
  CopyRows copy(hub, doing, table);
  copy.bytes_ = kSignature;
  return copy;
}

CopyRows::CopyRows(CopyRows&& other) noexcept
    : hub_(std::exchange(other.hub_, nullptr)),
      doing_(std::move(other.doing_)),
      table_(other.table_),
      bytes_(std::move(other.bytes_)),
      count_(other.count_) {}

CopyRows::~CopyRows() {
  if (hub_ != nullptr) hub_->abandon_copy();
}

Status CopyRows::add(const Row& row) {
  ++count_;
  if (auto added = append_row(*table_, row, bytes_); !added) return added;
  return send_if_full();
}

Status CopyRows::add_bytes(std::string_view row) {
  ++count_;
  bytes_ += row;
  return send_if_full();
}

Status CopyRows::send_if_full() {
  if (bytes_.size() < kPiece) return {};
  auto sent = hub_->send_copy(doing_, bytes_);
  bytes_.clear();
  return sent;
}

Status CopyRows::end() {
  bytes_ += kTrailer;
  if (auto sent = hub_->send_copy(doing_, bytes_); !sent) return sent;
  return std::exchange(hub_, nullptr)->end_copy(doing_);
}

}  // namespace ballast::hub
