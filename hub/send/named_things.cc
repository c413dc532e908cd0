#include "hub/send/named_things.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "hub/content_id.h"

namespace ballast::hub {
namespace {

constexpr std::string_view kNaming = "sending names to the hub";
constexpr std::size_t kFirstText = 2;  // after id and vcenter_id
// Of the texts of a VM.
constexpr std::size_t kUuid = 0;
constexpr std::size_t kMoref = 2;

std::int64_t number_in(const Row& row, std::size_t column) {
  const auto* number = std::get_if<std::int64_t>(&row[column]);
  return number == nullptr ? 0 : *number;
}

}  // namespace

NamedThings::NamedThings(Thing thing)
    : thing_(thing), table_(kThingTables[static_cast<std::size_t>(thing)]) {
  constexpr std::size_t kOwnColumns = 1;  // seq, the last one
  texts_ = table_of(table_).columns.size() - kFirstText - kOwnColumns;
  first_to_change_ = thing == Thing::kVm ? 0 : 1;
}

void NamedThings::forget() {
  is_loaded_ = false;
  last_seq_ = 0;
  known_.clear();
  by_uuid_.clear();
  unnamed_.clear();
  by_moref_.clear();
  fingerprint_.reset();
  compared_.clear();
}

void NamedThings::index(std::int64_t id, const Texts& texts) {
  if (thing_ != Thing::kVm) return;
  if (texts[kUuid].empty()) {
    unnamed_[texts[kMoref]] = id;
  } else {
    by_uuid_[texts[kUuid]] = id;
    if (const auto found = unnamed_.find(texts[kMoref]);
        found != unnamed_.end() && found->second == id) {
      unnamed_.erase(found);
    }
  }
  by_moref_[texts[kMoref]] = id;
}

Status NamedThings::load(Connection& hub, std::int64_t vcenter) {
  if (is_loaded_) return {};
  forget();
  std::string columns;
  for (std::size_t i = 0; i < texts_; ++i) {
    columns += ", " + table_of(table_).columns[kFirstText + i].name;
  }
  const auto rows = hub.query(kNaming,
                              fmt::format("SELECT id, seq{} FROM ballast.{} "
                                          "WHERE vcenter_id = $1::bigint ORDER BY seq",
                                          columns, table_),
                              vcenter);
  if (!rows) return fail(rows.error());
  for (int row = 0; row < rows->size(); ++row) {
    Texts texts;
    for (std::size_t i = 0; i < texts_; ++i) {
      texts.emplace_back(rows->text(row, static_cast<int>(2 + i)));
    }
    last_seq_ = rows->integer(row, 1);
    index(rows->integer(row, 0), texts);
    known_[rows->integer(row, 0)] = std::move(texts);
  }
  is_loaded_ = true;
  return {};
}

Status NamedThings::read(StoreReader& store, const Ids& ids) {
  const auto fingerprint = store.fingerprint(table_, ids.vcenter.here);
  if (!fingerprint) return fail(fingerprint.error());
  if (fingerprint_ == *fingerprint) return {};
  found_.clear();
  auto done = store.read(
      table_, "vcenter_id = ?1 ORDER BY id",
      [&](const Row& row) -> Status {
        Found& one = found_.emplace_back();
        one.here = number_in(row, 0);
        for (std::size_t i = 0; i < texts_; ++i) {
          one.texts.emplace_back(std::get<std::string_view>(row[kFirstText + i]));
        }
        return {};
      },
      ids.vcenter.here);
  if (!done) return done;
  identify(ids.vcenter.hub);
  fingerprint_ = *fingerprint;
  compared_.clear();
  return {};
}

void NamedThings::identify(std::int64_t vcenter) {
  ids_.clear();
  if (thing_ == Thing::kVm) return identify_vms(vcenter);
  const auto id_of_one = thing_ == Thing::kHost ? &host_id : &pool_id;
  for (const Found& one : found_) ids_[one.here] = id_of_one(vcenter, one.texts.front());
}

// As the file knows its VMs again (storage/write/vm_table.cc): by the instance UUID; one whose UUID
// was not told yet, by its moref. No two of the file are one here.
void NamedThings::identify_vms(std::int64_t vcenter) {
  std::unordered_set<std::int64_t> taken;
  const auto take = [&](const auto& index, const std::string& key, const Found& one) {
    const auto there = index.find(key);
    if (key.empty() || there == index.end() || !taken.insert(there->second).second) return;
    ids_[one.here] = there->second;
  };
  for (const Found& one : found_) {
    const bool has_uuid = !one.texts[kUuid].empty();
    has_uuid ? take(by_uuid_, one.texts[kUuid], one) : take(unnamed_, one.texts[kMoref], one);
  }
  for (const Found& one : found_) {
    if (ids_.contains(one.here)) continue;
    const bool has_uuid = !one.texts[kUuid].empty();
    take(has_uuid ? unnamed_ : by_moref_, one.texts[kMoref], one);
    if (ids_.contains(one.here)) continue;
    const std::int64_t id = new_vm_id(vcenter, one.texts, taken);
    taken.insert(id);
    ids_[one.here] = id;
  }
}

std::int64_t NamedThings::new_vm_id(std::int64_t vcenter, const Texts& texts,
                                    const std::unordered_set<std::int64_t>& taken) const {
  std::int64_t id = vm_id(vcenter, texts[kUuid], texts[kMoref]);
  // That of a VM that was known by this moref, and has an instance UUID now.
  while (known_.contains(id) || taken.contains(id)) {
    ContentId another("vm");
    another.add(id);
    id = another.value();
  }
  return id;
}

bool NamedThings::learn(Texts& known, const Texts& told) {
  bool is_new = false;
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (told[i].empty() || told[i] == known[i]) continue;
    known[i] = told[i];
    is_new = true;
  }
  return is_new;
}

Status NamedThings::send(Connection& hub, StoreReader& store, Ids& ids, const std::string& wanted,
                         std::int64_t owner, bool is_newest) {
  if (auto done = read(store, ids); !done) return done;
  ids.use(thing_, ids_);
  auto missing = store.numbers(wanted, ids.vcenter.here, owner);
  if (!missing) return fail(std::move(missing.error()));
  std::erase_if(*missing, [&](std::int64_t here) { return compared_.contains(here); });
  if (missing->empty()) return {};
  std::vector<const Found*> added;
  std::vector<std::int64_t> renamed;
  for (const Found& one : found_) {
    if (!missing->contains(one.here)) continue;
    const std::int64_t id = ids_.at(one.here);
    const auto known = known_.find(id);
    if (known == known_.end()) {
      added.push_back(&one);
    } else if (!is_newest) {
      continue;
    } else if (learn(known->second, one.texts)) {
      index(id, known->second);
      renamed.push_back(id);
    }
    compared_.insert(one.here);
  }
  if (auto done = rename(hub, renamed, ids); !done) return done;
  return add(hub, added, ids);
}

Status NamedThings::add(Connection& hub, const std::vector<const Found*>& added, const Ids& ids) {
  if (added.empty()) return {};
  auto copy = CopyRows::begin(hub, kNaming, table_of(table_));
  if (!copy) return fail(copy.error());
  Row row;
  for (const Found* one : added) {
    const std::int64_t id = ids_.at(one->here);
    last_seq_ = std::max(last_seq_ + 1, one->here);
    row = {id, ids.vcenter.hub};
    for (const std::string& text : one->texts) row.emplace_back(std::string_view(text));
    row.emplace_back(last_seq_);
    if (auto done = copy->add(row); !done) return done;
    known_[id] = one->texts;
    index(id, one->texts);
  }
  return copy->end();
}

Status NamedThings::rename(Connection& hub, const std::vector<std::int64_t>& renamed,
                           const Ids& ids) {
  if (renamed.empty()) return {};
  std::string set;
  std::string arrays;
  std::string names;
  std::vector<Parameter> parameters = {ids.vcenter.hub, renamed};
  for (std::size_t text = first_to_change_; text < texts_; ++text) {
    std::vector<std::string> values;
    for (const std::int64_t id : renamed) values.push_back(known_.at(id)[text]);
    parameters.emplace_back(values);
    const std::string& column = table_of(table_).columns[kFirstText + text].name;
    set += fmt::format("{}{} = told.{}", set.empty() ? "" : ", ", column, column);
    arrays += fmt::format(", ${}::text[]", parameters.size());
    names += ", " + column;
  }
  auto done = hub.query_with(
      kNaming,
      fmt::format("UPDATE ballast.{} AS old SET {} FROM unnest($2::bigint[]{}) AS told (id{}) "
                  "WHERE old.vcenter_id = $1::bigint AND old.id = told.id",
                  table_, set, arrays, names),
      parameters);
  if (!done) return fail(std::move(done.error()));
  return {};
}

}  // namespace ballast::hub
