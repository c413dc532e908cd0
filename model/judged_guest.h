// One VM with everything that is known of it at one moment, and the verdict. A scan finds it, the
// store keeps it and gives it back, `inspect` makes it of files: all of them fill this one type, and
// every front end shows it by the catalogue in model/figures.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/account/account.h"
#include "model/cause.h"
#include "model/guest_reading.h"
#include "model/inventory.h"
#include "model/reclaim.h"
#include "model/setback.h"
#include "model/verdict.h"

namespace ballast::model {

// How a guest's figures came to us.
enum class Channel {
  kNone,       // from files, by nobody's probe
  kFile,       // a probe's output, fetched as a file from the ESXi host
  kGuestinfo,  // a probe's output, handed to the hypervisor and sealed
  kReport,     // what the guest reports on its own; any user in it can write that
};

// Returns the word for JSON, CSV and the store, which never changes: "file", "guestinfo", "report";
// "" for kNone. Back from a word: kNone if it is none of them.
[[nodiscard]] std::string_view to_string(Channel channel);
[[nodiscard]] Channel channel_from_string(std::string_view text);

// What the guest said of its memory, accounted for.
struct GuestSample {
  UtcTime read_at{};  // by the collector's clock, when the probe's output was fetched
  Channel channel = Channel::kNone;
  std::string kernel_release;
  std::string boot_id;               // "" if not readable
  std::optional<std::int64_t> cpus;  // as cpus_of() counts them; empty of rows of schema version 1
  MemoryAccount account;
  // The hypervisor's balloon by VMware Tools in the guest, at the moment of the reading. Not stored:
  // the judgement's bracket holds it.
  std::optional<std::int64_t> host_balloon_kib;
  ReclaimPressure pressure;
  std::vector<ConsumerTrace> suspects;  // find_suspects(); the store keeps them of an excess alone
};

// Accounts for a reading. Errors: those of account_memory().
[[nodiscard]] Result<GuestSample> make_guest_sample(const GuestReading& reading, UtcTime read_at);

struct JudgedGuest {
  std::int64_t scan_id = 0;  // the store's numbers of the scan and of the VM, which is the same in
  std::int64_t vm_id = 0;    // every scan; 0 before it is stored
  // Where the VM is, by name; "" where that is unknown or not looked up yet. The store gives the
  // latest names, also for old scans; everything else is as the scan saw it.
  std::string vcenter;  // as configured
  std::string datacenter;
  std::string cluster;
  std::string host;
  std::string pool;
  VmView vm;                         // of a guest from files: the balloon's size alone, if told
  std::optional<GuestSample> guest;  // empty when the guest was not or could not be read
  Judgement judgement;
  std::string detail;              // for kUnknown: the full sentence of what went wrong; else ""
  std::optional<Setback> setback;  // of a guest that was tried, or left alone, in vain
  std::vector<Cause> causes;       // of its balloon, where what surrounds the VM was looked up

  // Returns the balloon that the judgement measured unaccounted memory against: the hypervisor's
  // figure or, where that is missing or the guest contradicts it, the driver's. Empty if the guest
  // was not read or nobody told a figure.
  [[nodiscard]] std::optional<std::int64_t> judged_balloon_kib() const;
  // Returns unaccounted memory less baseline and judged balloon; empty where there is no such
  // balloon.
  [[nodiscard]] std::optional<std::int64_t> difference_kib() const;
  // Returns the size to show to people: the judged balloon, else what the hypervisor says.
  [[nodiscard]] std::optional<std::int64_t> shown_balloon_kib() const;
  // Returns the size of the VM's memory: as configured, else the guest's MemTotal.
  [[nodiscard]] std::optional<std::int64_t> memory_kib() const;
  // Tells whether the hypervisor or the guest's driver says that the balloon holds memory.
  [[nodiscard]] bool has_balloon() const;
};

// Tells whether the verdict is `excess` for a leak alone: what this one reading misses is
// explained.
[[nodiscard]] bool is_leak_only(const Judgement& judgement);

enum class ScanStatus { kRunning, kComplete, kPartial, kFailed };

[[nodiscard]] std::string_view to_string(ScanStatus status);  // "running", "complete", …

}  // namespace ballast::model
