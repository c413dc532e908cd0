// One answer of a vCenter, or of whoever answers in its place. The first byte chooses the decoder,
// the rest is the answer. Pages of properties go on to the inventory.
#include <array>
#include <cstdlib>
#include <variant>

#include "tests/fuzz/check.h"
#include "vsphere/inventory/mapping.h"
#include "vsphere/inventory/place_mapping.h"
#include "vsphere/login/sts.h"
#include "vsphere/soap/decode.h"

namespace ballast::fuzz {
namespace {

using namespace vsphere;

constexpr std::size_t kLongestSentence = 3072;
constexpr std::int64_t kLargestFigure = std::int64_t{1} << 50;
// Each value is found once in the answer; Latin-1 becomes twice as long in UTF-8.
constexpr std::size_t kMostGrowth = 4;

// Adds up what a decoded answer holds.
class Tally {
 public:
  explicit Tally(std::size_t answer) : most_(kMostGrowth * answer) {}
  void add(std::string_view text) {
    bytes_ += text.size();
    require(bytes_ <= most_, "what is decoded is no larger than the answer");
  }
  void add(const ManagedObject& object) {
    add(object.type);
    add(object.id);
  }

 private:
  std::size_t most_;
  std::size_t bytes_ = 0;
};

void check_figure(const std::optional<std::int64_t>& value) {
  require(!value || (*value >= 0 && *value <= kLargestFigure), "a figure is in range");
}

void check_value(const std::monostate&, Tally&) {}
void check_value(const UtcTime&, Tally&) {}
void check_value(const std::string& text, Tally& tally) { tally.add(text); }
void check_value(std::string_view text, Tally& tally) { tally.add(text); }
void check_value(const ManagedObject& object, Tally& tally) { tally.add(object); }

void check_value(const model::QuickStats& stats, Tally&) {
  for (const auto& stat : model::kQuickStats) {
    const auto& value = stats.*stat.member;
    require(!value || (*value >= 0 && *value <= kLargestFigure * stat.factor),
            "a figure is in range");
  }
}

void check_value(const AllocationFigures& allocation, Tally&) {
  check_figure(allocation.reservation_mb);
  if (allocation.limit_mb != -1) check_figure(allocation.limit_mb);
}

void check_value(const std::vector<CounterInfo>& counters, Tally& tally) {
  for (const auto& counter : counters) {
    tally.add(counter.group);
    tally.add(counter.name);
    tally.add(counter.rollup);
  }
}

void check_value(const ServiceContent& content, Tally& tally) {
  require(!content.session_manager.id.empty() && !content.property_collector.id.empty() &&
              !content.view_manager.id.empty() && !content.root_folder.id.empty(),
          "a server without its managers is refused");
  tally.add(content.about.instance_uuid);
  tally.add(content.about.full_name);
  tally.add(content.about.api_version);
}

void check_value(const PropertyPage& page, Tally& tally) {
  tally.add(page.token);
  for (const auto& object : page.objects) {
    tally.add(object.object);
    for (const auto& property : object.properties) {
      tally.add(property.name);
      std::visit([&](const auto& value) { check_value(value, tally); }, property.value);
    }
    for (const auto& missing : object.missing) {
      tally.add(missing.name);
      tally.add(missing.fault);
    }
  }
}

// Each host carries the names of its cluster and datacenter, which the answer has only once.
void check_hosts(const std::vector<ObjectProperties>& objects, Tally tally) {
  for (const auto& host : hosts_of(objects)) {
    check_figure(host.memory_kib);
    for (const auto& name : {host.moref, host.name, host.ssl_thumbprint}) tally.add(name);
    for (const auto& place : {host.cluster, host.datacenter}) {
      require(place.size() <= kMaxNameBytes, "the name of a place is bounded");
    }
  }
}

void check_pools(const std::vector<ObjectProperties>& objects, Tally tally) {
  for (const auto& pool : pools_of(objects)) {
    tally.add(pool.moref);
    tally.add(pool.parent);
    if (pool.name.size() > kMaxNameBytes) tally.add(pool.name);
  }
}

void check_folders(const std::vector<ObjectProperties>& objects, Tally tally) {
  for (const auto& folder : folders_of(objects, "group-d1")) {
    tally.add(folder.moref);
    tally.add(folder.parent);
    require(folder.name.size() <= kMaxNameBytes, "the name of a folder is bounded");
  }
}

void check_vm(const ObjectProperties& object, Tally tally) {
  const auto vm = vm_view(object, UtcTime{});
  for (const auto& text : {vm.moref, vm.name, vm.instance_uuid, vm.bios_uuid, vm.host_moref,
                           vm.pool_moref, vm.folder_moref, vm.guest_family, vm.guest_id}) {
    tally.add(text);
  }
  require(!vm.allocation.limit_kib || *vm.allocation.limit_kib >= model::kUnlimited,
          "a limit is unlimited or not negative");
  for (const auto& value : {vm.configured_kib, vm.stats.balloon_kib, vm.stats.compressed_kib,
                            vm.allocation.reservation_kib}) {
    require(!value || *value >= 0, "a figure survives its change of units");
  }
}

// What the inventory makes of the page.
void check_inventory(const PropertyPage& page, std::size_t answer) {
  check_hosts(page.objects, Tally(answer));
  check_pools(page.objects, Tally(answer));
  check_folders(page.objects, Tally(answer));
  for (const auto& object : page.objects) {
    if (!is_gone(object)) check_vm(object, Tally(answer));
  }
}

void check_value(const std::vector<PrivilegeAnswer>& answers, Tally& tally) {
  for (const auto& answer : answers) tally.add(answer.id);
}

void check_value(const std::int64_t& pid, Tally&) {
  require(pid >= 0, "a process id is not negative");
}

void check_value(const std::vector<collector::GuestProcess>&, Tally&) {}

void check_value(const FileTransferAnswer& file, Tally& tally) {
  require(!file.url.empty(), "a file without a URL is refused");
  require(!file.size || *file.size >= 0, "a file's size is not negative");
  tally.add(file.url);
}

void check_value(const std::vector<MetricSeries>& series, Tally& tally) {
  for (const auto& one : series) {
    require(!one.samples.empty(), "a series has samples");
    tally.add(one.entity);
    for (std::size_t i = 0; i < one.samples.size(); ++i) {
      check_figure(one.samples[i].value);
      require(i == 0 || one.samples[i - 1].at <= one.samples[i].at, "the newest sample is last");
    }
  }
}

void check_value(const std::vector<std::string>& versions, Tally& tally) {
  for (const auto& version : versions) tally.add(version);
}

void check_value(const UserSession& session, Tally& tally) {
  tally.add(session.key);
  tally.add(session.user);
}

void check_value(const Assertion& token, Tally& tally) {
  tally.add(token.xml.reveal());
  tally.add(token.subject);
}

void check_error(const Error& error) {
  require(error.code == ErrorCode::kProtocol || error.code == ErrorCode::kFault ||
              error.code == ErrorCode::kLogin || error.code == ErrorCode::kPermission ||
              error.code == ErrorCode::kUnavailable,
          "an answer fails as a fault or as no answer");
  require(!error.message.empty(), "an error says what is wrong");
  require(error.sentence().size() <= kLongestSentence, "an error's length is bounded");
  require_printable(error.sentence(), "an error is printable");
  require_printable(error.fault, "a fault's name is printable");
}

template <class T>
void check(const Result<T>& decoded, std::string_view answer) {
  if (!decoded) return check_error(decoded.error());
  Tally tally(answer.size());
  check_value(*decoded, tally);
}

void check(const Status& status, std::string_view) {
  if (!status) check_error(status.error());
}

void check(const Result<PropertyPage>& decoded, std::string_view answer) {
  if (!decoded) return check_error(decoded.error());
  Tally tally(answer.size());
  check_value(*decoded, tally);
  check_inventory(*decoded, answer.size());
}

template <auto decode>
void run(std::string_view answer) {
  check(decode(answer), answer);
}

Result<std::string> decode_option(std::string_view answer) {
  return decode_query_options(answer, "config.vpxd.stats.maxQueryMetrics");
}

Result<Assertion> decode_token_answer(std::string_view answer) {
  HttpResponse response;
  response.status = answer.starts_with('5') ? 500 : 200;
  response.body = answer;
  return decode_issue(response, {});
}

// What a file or a command has, perhaps compressed.
void read_token(std::string_view text) {
  const auto token = read_assertion(Secret(std::string(text)));
  if (token) {
    require(read_assertion(token->xml).has_value(), "what was read is a token by itself");
  } else {
    require(token.error().code == ErrorCode::kConfig, "a wrong token is the user's to mend");
    require_printable(token.error().sentence(), "an error is printable");
  }
}

struct Target {
  char letter;
  void (*run)(std::string_view answer);
};

constexpr std::array kTargets = {
    Target{'a', run<decode_has_privileges>},
    Target{'A', read_token},
    Target{'I', run<decode_token_answer>},
    Target{'c', run<decode_service_content>},
    Target{'f', run<decode_create_temporary_file>},
    Target{'i', run<decode_initiate_transfer>},
    Target{'l', run<decode_login>},
    Target{'m', run<decode_more_properties>},
    Target{'n', run<decode_nothing>},
    Target{'o', run<decode_option>},
    Target{'p', run<decode_properties>},
    Target{'q', run<decode_query_perf>},
    Target{'r', run<decode_list_processes>},
    Target{'s', run<decode_start_program>},
    Target{'t', run<decode_current_time>},
    Target{'v', run<decode_create_container_view>},
    Target{'x', run<decode_service_versions>},
};

}  // namespace
}  // namespace ballast::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = ballast::fuzz::text_of(data, size);
  if (input.empty()) return 0;
  for (const auto& target : ballast::fuzz::kTargets) {
    if (target.letter == input.front()) target.run(input.substr(1));
  }
  return 0;
}
