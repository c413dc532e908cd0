// Private to the scan: what one scan holds while it runs. Its life and its listing are in scan.cc,
// the probes of its guests in scan_probes.cc.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include "base/async.h"
#include "base/deadline.h"
#include "collector/choice/guest_choice.h"
#include "collector/ending.h"
#include "collector/probe/guest_report.h"
#include "collector/probe/guestinfo_reader.h"
#include "collector/probe/judge_guest.h"
#include "collector/probe/probe_queue.h"
#include "collector/result_writer.h"
#include "collector/scan.h"
#include "collector/scan_summary.h"
#include "collector/scan_watch.h"
#include "collector/vcenter_facts.h"

namespace ballast::collector {

class Scan::Impl {
 public:
  Impl(boost::asio::any_io_executor executor, Vcenter& vcenter, SampleStore& store,
       ScanObserver& observer, ScanOptions options)
      : vcenter_(vcenter),
        store_(store),
        watch_(observer),
        options_(std::move(options)),
        choice_(std::move(options_.selection), options_.retry_all),
        queue_(options_.concurrency, options_.concurrency_per_host),
        ending_(executor, options_.stop_patience),
        tasks_(executor),
        watching_(executor),
        guestinfo_(std::move(executor), tasks_, vcenter, options_.guestinfo_gathering) {}

  Awaitable<ScanSummary> run();
  void stop();

 private:
  // Its life, and the listing: scan.cc
  Awaitable<void> begin();
  Awaitable<void> scan_into_store();
  Awaitable<void> read_everything();
  Awaitable<void> judge_rest();
  void give_up_as_too_long();
  Awaitable<void> watch_progress();
  void give_up_as_stalled();
  Awaitable<std::optional<Error>> prepare();
  Awaitable<void> list();
  Awaitable<void> read_pages(VmPages& pages);
  void tell_apart(model::VmView& vm);
  Awaitable<void> take_page(std::vector<model::VmView> page);
  Awaitable<void> read_reports();
  Awaitable<Reports> ask_for_reports(std::size_t most);
  Awaitable<void> take_report(model::VmView vm, const Reports& told);
  Awaitable<void> keep_all(std::vector<model::JudgedGuest> results);
  Awaitable<void> keep(model::JudgedGuest result);
  [[nodiscard]] Unread ended_before_its_turn() const;
  Awaitable<void> leave_out_unstarted();
  Awaitable<void> finish();
  void end_early();
  void fail_with(Error error);
  void fail_unexpectedly(std::string_view doing);
  [[nodiscard]] model::ScanStatus status() const;

  // Whose turn it is, and how the probes end: scan_probes.cc
  Awaitable<void> let_new_guests_try();
  [[nodiscard]] bool may_probe() const;
  [[nodiscard]] std::vector<model::Channel> channels_for(const std::string& host) const;
  Awaitable<void> start_probes();
  [[nodiscard]] Unread no_channel(const std::string& host) const;
  Awaitable<void> leave_out(PendingProbe pending, Unread why);
  void bring_back(const std::string& username);
  Awaitable<void> probe(PendingProbe pending);
  void let_in(const std::string& username);
  Awaitable<void> note_login(const PendingProbe& pending, const ProbeOutcome& outcome);
  void note_host(const std::string& host, const ProbeOutcome& outcome);
  void probe_failed(model::UnknownReason reason, TimePoint began);
  Awaitable<void> ask_vcenter();
  Awaitable<void> keep_failed(PendingProbe pending, model::UnknownReason reason,
                              std::string detail);
  Awaitable<void> take_output(PendingProbe pending, const ProbeOutcome& outcome);
  Awaitable<void> judge(ReadGuest read);

  Vcenter& vcenter_;
  SampleStore& store_;
  ScanWatch watch_;
  ScanOptions options_;
  GuestChoice choice_;
  ProbeQueue queue_;
  Ending ending_;
  TaskGroup tasks_;
  TaskGroup watching_;
  GuestinfoReader guestinfo_;
  std::optional<ResultWriter> writer_;
  std::optional<GuestJudge> judge_;
  std::optional<ScanLog> log_;
  std::optional<VcenterFacts> facts_;
  TimePoint answered_at_{};                            // when vCenter last showed that it is there
  bool asking_vcenter_ = false;                        // whether it is still there
  std::optional<Error> silence_;                       // once vCenter stopped answering
  std::set<std::string> served_hosts_;                 // morefs; guests' files came from there
  std::map<std::string, std::string> closed_hosts_;    // moref -> why no file can come from there
  boost::unordered_flat_set<std::size_t> identities_;  // of what was listed; see tell_apart()
  std::deque<model::VmView> reporting_;                // whose reports are still to be read
  bool stopped_ = false;
  bool over_ = false;
  bool listed_all_ = false;
  UtcTime started_{};
  ScanSummary summary_;
};

}  // namespace ballast::collector
