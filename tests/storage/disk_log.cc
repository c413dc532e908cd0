#include "tests/storage/disk_log.h"

#include <algorithm>
#include <fstream>

namespace ballast::storage {
namespace {

using Kind = DiskEvent::Kind;

constexpr std::size_t kSector = 512;

// Decides what of one disk was written in time.
class Luck {
 public:
  explicit Luck(std::mt19937_64& random)
      : random_(random), percent_(kPercents[below(std::size(kPercents))]) {}
  bool keeps() { return below(100) < percent_; }
  bool coin() { return below(2) == 0; }
  char rubbish() { return coin() ? '\0' : static_cast<char>(below(256)); }

 private:
  static constexpr std::size_t kPercents[] = {0, 10, 50, 90, 100};
  std::size_t below(std::size_t limit) { return random_() % limit; }

  std::mt19937_64& random_;
  std::size_t percent_;
};

void write_at(std::string& file, std::size_t at, std::string_view bytes, char filler) {
  if (file.size() < at + bytes.size()) file.resize(at + bytes.size(), filler);
  file.replace(at, bytes.size(), bytes);
}

void apply(std::string& file, const DiskEvent& event) {
  const auto at = static_cast<std::size_t>(event.at);
  if (event.kind == Kind::kTruncate) file.resize(at);
  if (event.kind == Kind::kWrite) write_at(file, at, event.bytes, '\0');
}

void apply_by_chance(std::string& file, const DiskEvent& event, Luck& luck) {
  if (event.kind == Kind::kTruncate && luck.keeps()) apply(file, event);
  if (event.kind != Kind::kWrite) return;
  const auto end = static_cast<std::size_t>(event.at) + event.bytes.size();
  for (auto from = static_cast<std::size_t>(event.at); from < end;) {
    const auto to = std::min(end, (from / kSector + 1) * kSector);
    if (luck.keeps()) {
      const auto offset = from - static_cast<std::size_t>(event.at);
      write_at(file, from, std::string_view(event.bytes).substr(offset, to - from), luck.rubbish());
    } else if (to > file.size() && luck.coin()) {
      file.resize(to, luck.rubbish());
    }
    from = to;
  }
}

struct File {
  std::string bytes;                    // on the disk
  std::vector<const DiskEvent*> later;  // on their way
};

using Names = std::map<std::string, int>;

void apply(Names& names, const DiskEvent& event) {
  if (event.kind == Kind::kCreate) names[event.name] = event.file;
  if (event.kind == Kind::kRemove) names.erase(event.name);
}

class Disk {
 public:
  void take(const DiskEvent& event) {
    switch (event.kind) {
      case Kind::kWrite:
      case Kind::kTruncate:
        files_[event.file].later.push_back(&event);
        break;
      case Kind::kSync:
        for (const auto* one : files_[event.file].later) apply(files_[event.file].bytes, *one);
        files_[event.file].later.clear();
        break;
      case Kind::kCreate:
      case Kind::kRemove:
        later_names_.push_back(&event);
        break;
      case Kind::kSyncFolder:
        for (const auto* one : later_names_) apply(names_, *one);
        later_names_.clear();
        break;
      case Kind::kNote:
        break;
    }
  }

  std::map<std::string, std::string> lose_power(Luck luck) {
    for (auto& [number, file] : files_) {
      for (const auto* one : file.later) apply_by_chance(file.bytes, *one, luck);
    }
    for (const auto* one : later_names_) {
      if (luck.keeps()) apply(names_, *one);
    }
    std::map<std::string, std::string> left;
    for (const auto& [name, file] : names_) left[name] = files_[file].bytes;
    return left;
  }

 private:
  std::map<int, File> files_;
  Names names_;
  std::vector<const DiskEvent*> later_names_;
};

}  // namespace

std::map<std::string, std::string> after_power_loss(const DiskLog& log, std::size_t count,
                                                    std::mt19937_64& random) {
  Disk disk;
  for (std::size_t i = 0; i < count; ++i) disk.take(log.at(i));
  return disk.lose_power(Luck(random));
}

// A line of numbers, then the two texts of these lengths.
void save_log(const DiskLog& log, const std::string& path) {
  std::ofstream out(path, std::ios::binary);
  for (const auto& event : log) {
    out << static_cast<int>(event.kind) << ' ' << event.file << ' ' << event.at << ' '
        << event.name.size() << ' ' << event.bytes.size() << '\n'
        << event.name << event.bytes;
  }
}

DiskLog load_log(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  DiskLog log;
  DiskEvent event;
  std::size_t name = 0;
  std::size_t bytes = 0;
  for (int kind = 0; in >> kind >> event.file >> event.at >> name >> bytes;) {
    in.get();
    event.kind = static_cast<Kind>(kind);
    event.name.resize(name);
    event.bytes.resize(bytes);
    in.read(event.name.data(), static_cast<std::streamsize>(name));
    in.read(event.bytes.data(), static_cast<std::streamsize>(bytes));
    log.push_back(event);
  }
  return log;
}

}  // namespace ballast::storage
