// Private to storage/: reads a stored sample as a judged guest.
#pragma once

#include <optional>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>

#include "model/history/lockstep.h"
#include "model/judged_guest.h"
#include "storage/read/row_dictionary.h"
#include "storage/read/side_rows.h"
#include "storage/sqlite/row_cursor.h"

namespace ballast::storage {

// Returns a SELECT of samples. `rest` comes after "FROM sample": further tables, WHERE, ORDER BY. Of
// the samples of one scan it should take those of rising VMs, which are read the fastest.
[[nodiscard]] std::string select_samples(std::string_view rest);
inline constexpr int kScanIdColumn = 1;  // of select_samples()
inline constexpr int kVmIdColumn = 2;

// Returns model::guest_epoch() of a stored reading.
[[nodiscard]] std::string epoch_of(const model::GuestSample& guest);

// Returns how far unaccounted may be off, whatever the baseline.
[[nodiscard]] std::int64_t reading_error(const model::GuestSample& guest,
                                         const model::Judgement& judgement);

// The numbers in a sample that a judged guest has not.
struct SampleRefs {
  std::int64_t vm_state_id = 0;
  std::optional<std::int64_t> host_id;
};

class VmRowReader {
 public:
  explicit VmRowReader(SQLite::Database& db);
  // Reads the row that the cursor of select_samples() stands on into `row`, whose memory is used
  // again. Returns false if the row, or one that it refers to, is missing, has a wrong checksum or
  // holds something that ballast never writes.
  [[nodiscard]] bool read(const RowCursor& cursor, model::JudgedGuest& row);
  // Ends the queries beside the samples, which would keep the transaction of their first row. To be
  // called before one that writes; reading may go on after it.
  void rest();
  // Returns the numbers in the sample that was read last.
  [[nodiscard]] const SampleRefs& refs() const { return refs_; }
  // Reads the reading of a VM in a scan; empty if its guest was not read. Returns false as above.
  [[nodiscard]] bool read_point(std::int64_t vcenter_id, std::int64_t scan_id, std::int64_t vm_id,
                                std::optional<model::HistoryPoint>& point);

 private:
  struct Key {
    std::int64_t vcenter_id = 0;
    std::int64_t scan_id = 0;
    std::int64_t vm_id = 0;
  };
  [[nodiscard]] bool read_sample(Columns& columns, Key& key, model::JudgedGuest& row);
  [[nodiscard]] bool read_outcome(std::int64_t outcome_id, model::JudgedGuest& row);
  [[nodiscard]] bool read_names(const Key& key, model::VmView& vm);
  [[nodiscard]] bool read_state(Columns& columns, model::JudgedGuest& row);
  [[nodiscard]] bool read_guest(const Key& key, UtcTime scan_start, model::JudgedGuest& row);
  [[nodiscard]] bool read_history(const Key& key, model::Judgement& judgement);
  [[nodiscard]] bool read_suspects(const Key& key, std::int64_t count, model::GuestSample& guest);

  RowDictionary known_;
  SampleRefs refs_;
  SideRows names_;
  SideRows guests_;
  SideRows trends_;
  SideRows suspects_;
  RowCursor one_sample_;
};

}  // namespace ballast::storage
