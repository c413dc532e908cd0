// All objects of one type below the root folder, page by page: container view, RetrievePropertiesEx
// and its continuations, and putting it all away again.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "base/async.h"
#include "base/result.h"
#include "base/time.h"
#include "vsphere/session.h"
#include "vsphere/soap_encode.h"
#include "vsphere/soap_types.h"

namespace ballast::vsphere {

struct CollectionQuery {
  std::vector<std::string> types;  // of the objects in the view
  Reach reach = Reach::kView;
  std::vector<WantedProperties> wanted;
  std::int32_t page_size = 0;  // 0: the server decides
  std::string doing;           // "listing the virtual machines"
};

struct ObjectBatch {
  std::vector<ObjectProperties> objects;
  UtcTime arrived{};
};

// Its requests run as tasks of the session, which share ownership: the collection may be dropped at
// any time, but must not be used once the session is closed.
class PagedCollection : public std::enable_shared_from_this<PagedCollection> {
 public:
  static std::shared_ptr<PagedCollection> create(Session& session, CollectionQuery query);

  // The next objects; none is the end. The page behind them is asked for before they are returned.
  // If the session or the view is lost, the collection starts over, once, and leaves out the
  // objects that it has returned. After an error there is nothing more.
  Awaitable<Result<ObjectBatch>> next();

  // Cancels what is unfinished on the server and destroys the view, as a task of the session's; a
  // second call does nothing.
  void begin_close();
  // The same, and waits for its end.
  Awaitable<void> close();

 private:
  using Self = std::shared_ptr<PagedCollection>;

  PagedCollection(Session& session, CollectionQuery query);

  void begin_fetch();
  Result<PropertyPage> take_fetched();
  static Awaitable<void> fetch_task(Self self);
  static Awaitable<void> close_task(Self self);
  Awaitable<Result<PropertyPage>> fetch();
  Awaitable<Result<PropertyPage>> request_page();
  Awaitable<Status> make_view();
  Awaitable<void> leave_view();
  Awaitable<Status> clean_up(SoapRequest request);
  [[nodiscard]] bool is_lost(const Error& error, bool is_continued) const;
  void leave_out_seen(std::vector<ObjectProperties>& objects);

  Session& session_;
  const CollectionQuery query_;
  boost::asio::steady_timer fetch_ended_;  // cancelled when it happens, as is the other
  boost::asio::steady_timer close_ended_;
  std::optional<ManagedObject> view_;
  std::uint64_t view_login_ = 0;  // the session that the view and the token belong to
  std::string token_;             // of the page after the last one read; "" if there is none
  bool restarted_ = false;
  bool fetching_ = false;
  std::optional<Result<PropertyPage>> fetched_;
  UtcTime fetched_at_{};
  bool ended_ = false;
  bool closing_ = false;
  bool closed_ = false;
  std::unordered_set<std::string> seen_;
};

}  // namespace ballast::vsphere
