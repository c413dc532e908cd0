#include "tests/storage/recording_disk.h"

#include <cerrno>
#include <filesystem>
#include <limits>
#include <new>
#include <utility>

#include <sqlite3.h>

#include "tests/fixtures/store_fixtures.h"
#include "tests/fixtures/sync_watch.h"

namespace ballast::storage {
namespace {

using Kind = DiskEvent::Kind;

constexpr int kUnlimited = std::numeric_limits<int>::max();

}  // namespace

struct RecordingDisk::Shim {
  explicit Shim(const std::string& path)
      : folder(std::filesystem::canonical(path)), watch([this](const auto& of) { synced(of); }) {}

  // Returns whether there is space for one call more.
  bool has_room() {
    if (calls_left > 0) {
      if (calls_left != kUnlimited) --calls_left;
      return true;
    }
    if (refusals_left == 0) return true;
    --refusals_left;
    ++refused;
    return false;
  }
  int number_of(const std::string& path) {
    const std::string name = std::filesystem::path(path).filename();
    const auto [entry, is_new] = files.try_emplace(name, next_file);
    if (is_new) log.push_back({Kind::kCreate, next_file++, 0, name, ""});
    return entry->second;
  }
  void removed(const std::string& path) {
    const std::string name = std::filesystem::path(path).filename();
    if (const auto gone = files.extract(name)) {
      log.push_back({Kind::kRemove, gone.mapped(), 0, name, ""});
    }
  }
  void synced(const std::filesystem::path& path) {
    if (path == folder) log.push_back({Kind::kSyncFolder, 0, 0, "", ""});
    if (path.parent_path() == folder) log.push_back({Kind::kSync, number_of(path), 0, "", ""});
  }

  std::filesystem::path folder;
  fixtures::SyncWatch watch;
  sqlite3_vfs* real = sqlite3_vfs_find(nullptr);
  sqlite3_vfs vfs{};
  DiskLog log;
  std::map<std::string, int> files;
  int next_file = 1;
  int calls_left = kUnlimited;
  int refusals_left = 0;
  int refused = 0;

  // What SQLite calls.
  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out);
  static int remove(sqlite3_vfs* vfs, const char* name, int sync_folder);
  static int last_error(sqlite3_vfs* vfs, int size, char* text);
  static int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at);
  static int truncate(sqlite3_file* file, sqlite3_int64 size);
  static int sync(sqlite3_file* file, int flags);
  static int map_shared(sqlite3_file* file, int region, int size, int extend,
                        void volatile** mapped);
  static const sqlite3_io_methods kMethods;
};

namespace {

// What SQLite holds of an open file; the real file system's part comes right behind it.
struct OpenFile {
  sqlite3_file base;
  void* shim;
  int number;  // 0: a temporary file
};

OpenFile& ours(sqlite3_file* file) { return *reinterpret_cast<OpenFile*>(file); }
sqlite3_file* real_of(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<OpenFile*>(file) + 1);
}

// A method that is the real file system's alone.
template <auto method, class... Args>
int pass_on(sqlite3_file* file, Args... args) {
  sqlite3_file* real = real_of(file);
  return (real->pMethods->*method)(real, args...);
}

}  // namespace

const sqlite3_io_methods RecordingDisk::Shim::kMethods = {
    2,  // without xFetch: every write is seen
    pass_on<&sqlite3_io_methods::xClose>,
    pass_on<&sqlite3_io_methods::xRead>,
    write,
    truncate,
    sync,
    pass_on<&sqlite3_io_methods::xFileSize>,
    pass_on<&sqlite3_io_methods::xLock>,
    pass_on<&sqlite3_io_methods::xUnlock>,
    pass_on<&sqlite3_io_methods::xCheckReservedLock>,
    pass_on<&sqlite3_io_methods::xFileControl>,
    pass_on<&sqlite3_io_methods::xSectorSize>,
    pass_on<&sqlite3_io_methods::xDeviceCharacteristics>,
    map_shared,
    pass_on<&sqlite3_io_methods::xShmLock>,
    [](sqlite3_file* file) { real_of(file)->pMethods->xShmBarrier(real_of(file)); },
    pass_on<&sqlite3_io_methods::xShmUnmap>,
    nullptr,
    nullptr,
};

int RecordingDisk::Shim::open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags,
                              int* out) {
  auto& shim = *static_cast<Shim*>(vfs->pAppData);
  file->pMethods = nullptr;
  const bool is_new = name != nullptr && !std::filesystem::exists(name);
  if (is_new && (flags & SQLITE_OPEN_CREATE) != 0 && !shim.has_room()) return SQLITE_CANTOPEN;
  const int code = shim.real->xOpen(shim.real, name, real_of(file), flags, out);
  if (code != SQLITE_OK) return code;
  new (file) OpenFile{{&kMethods}, &shim, name == nullptr ? 0 : shim.number_of(name)};
  return code;
}

// Noted first: the sync of the folder, if one is asked for, is part of the call.
int RecordingDisk::Shim::remove(sqlite3_vfs* vfs, const char* name, int sync_folder) {
  auto& shim = *static_cast<Shim*>(vfs->pAppData);
  shim.removed(name);
  return shim.real->xDelete(shim.real, name, sync_folder);
}

int RecordingDisk::Shim::last_error(sqlite3_vfs* vfs, int size, char* text) {
  auto& shim = *static_cast<Shim*>(vfs->pAppData);
  return shim.refused > 0 ? ENOSPC : shim.real->xGetLastError(shim.real, size, text);
}

int RecordingDisk::Shim::write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
  auto& shim = *static_cast<Shim*>(ours(file).shim);
  const bool fits = ours(file).number == 0 || shim.has_room();
  const int written = fits ? size : size / 2;
  const int code = real_of(file)->pMethods->xWrite(real_of(file), bytes, written, at);
  if (code == SQLITE_OK && ours(file).number != 0) {
    shim.log.push_back({Kind::kWrite,
                        ours(file).number,
                        at,
                        "",
                        {static_cast<const char*>(bytes), static_cast<std::size_t>(written)}});
  }
  return fits ? code : SQLITE_FULL;
}

int RecordingDisk::Shim::truncate(sqlite3_file* file, sqlite3_int64 size) {
  auto& shim = *static_cast<Shim*>(ours(file).shim);
  shim.log.push_back({Kind::kTruncate, ours(file).number, size, "", ""});
  return real_of(file)->pMethods->xTruncate(real_of(file), size);
}

int RecordingDisk::Shim::sync(sqlite3_file* file, int flags) {
  if (!static_cast<Shim*>(ours(file).shim)->has_room()) return SQLITE_IOERR_FSYNC;
  return real_of(file)->pMethods->xSync(real_of(file), flags);
}

int RecordingDisk::Shim::map_shared(sqlite3_file* file, int region, int size, int extend,
                                    void volatile** mapped) {
  if (extend != 0 && !static_cast<Shim*>(ours(file).shim)->has_room()) return SQLITE_IOERR_SHMSIZE;
  return real_of(file)->pMethods->xShmMap(real_of(file), region, size, extend, mapped);
}

RecordingDisk::RecordingDisk(const std::string& folder) : shim_(std::make_unique<Shim>(folder)) {
  for (const auto& entry : std::filesystem::directory_iterator(shim_->folder)) {
    const int number = shim_->number_of(entry.path());
    shim_->log.push_back({Kind::kWrite, number, 0, "", read_file(entry.path())});
    shim_->synced(entry.path());
  }
  shim_->synced(shim_->folder);
  shim_->vfs = *shim_->real;
  shim_->vfs.szOsFile += static_cast<int>(sizeof(OpenFile));
  shim_->vfs.pNext = nullptr;
  shim_->vfs.zName = "recording";
  shim_->vfs.pAppData = shim_.get();
  shim_->vfs.xOpen = Shim::open;
  shim_->vfs.xDelete = Shim::remove;
  shim_->vfs.xGetLastError = Shim::last_error;
  sqlite3_vfs_register(&shim_->vfs, 1);
}

RecordingDisk::~RecordingDisk() {
  sqlite3_vfs_unregister(&shim_->vfs);
  sqlite3_vfs_register(shim_->real, 1);
}

void RecordingDisk::note(std::string name, std::int64_t at, std::string text) {
  shim_->log.push_back({Kind::kNote, 0, at, std::move(name), std::move(text)});
}

const DiskLog& RecordingDisk::log() const { return shim_->log; }

void RecordingDisk::fill_up(int calls, int refusals) {
  shim_->calls_left = calls;
  shim_->refusals_left = refusals;
  shim_->refused = 0;
}

void RecordingDisk::make_room() { fill_up(kUnlimited, 0); }

int RecordingDisk::refused() const { return shim_->refused; }

}  // namespace ballast::storage
