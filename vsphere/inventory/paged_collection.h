// Lists all objects of some types below the root folder, page by page: makes a container view,
// calls RetrievePropertiesEx and its continuations, and removes everything from the server
// afterwards.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/steady_timer.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include "base/async.h"
#include "base/result.h"
#include "base/time.h"
#include "vsphere/session.h"
#include "vsphere/soap/encode.h"
#include "vsphere/soap/types.h"

namespace ballast::vsphere {

// What to list.
struct CollectionQuery {
  std::vector<std::string> types;  // of the objects in the view
  Reach reach = Reach::kView;
  std::vector<WantedProperties> wanted;
  std::int32_t page_size = 0;  // 0: the server decides
  std::string doing;           // "listing the virtual machines"
};

struct ObjectBatch {
  std::vector<ObjectProperties> objects;  // valid as long as `text` lives
  std::shared_ptr<const PageText> text;
  UtcTime arrived{};  // when the answer was there
};

// Its requests run as tasks of the session, which share ownership: the caller may drop the
// collection at any time. It must not be used once the session is closed. One coroutine at a time.
class PagedCollection : public std::enable_shared_from_this<PagedCollection> {
 public:
  static std::shared_ptr<PagedCollection> create(Session& session, CollectionQuery query);

  // Returns the next objects; none at the end. Each page is asked for as soon as the one before it
  // has arrived, while that one is still being decoded, but at most kReadAhead pages early. If the
  // session, the view or the place in it is lost, the collection starts over without the objects
  // that it has already returned, as long as it gets further that way. After an error it is at its
  // end. Errors: those of Session::ask; kTooLarge and kProtocol for a server that sends without end.
  Awaitable<Result<ObjectBatch>> next();

  // Begins to cancel what is unfinished on the server and to destroy the view, as a cleanup of the
  // session. A second call does nothing.
  void begin_close();
  // Does the same and waits for its end.
  Awaitable<void> close();

 private:
  using Self = std::shared_ptr<PagedCollection>;

  // Enough for two threads to read pages while a third one arrives.
  static constexpr std::size_t kReadAhead = 2;

  // A page as it came over the wire.
  struct Answer {
    std::string text;
    UtcTime arrived{};
  };
  // A page that has arrived and waits for next().
  struct Page {
    std::optional<Result<PropertyPage>> content;  // empty while it is being read
    UtcTime arrived{};
  };
  struct Unfinished;

  PagedCollection(Session& session, CollectionQuery query);

  void fetch_ahead();
  static Awaitable<void> fetch_task(Self self);
  static Awaitable<void> close_task(Self self);
  Awaitable<void> fetch_and_read();
  Awaitable<Result<Answer>> fetch();
  Awaitable<Result<Answer>> request_page();
  [[nodiscard]] SoapRequest page_request(const std::string& token) const;
  Awaitable<std::shared_ptr<Page>> oldest_page();
  [[nodiscard]] Error closed_error() const;
  Awaitable<Status> make_view();
  Awaitable<void> leave_view();
  Awaitable<Status> clean_up(SoapRequest request);
  [[nodiscard]] bool is_lost(const Error& error, bool is_continued) const;
  bool may_start_over();
  void leave_out_seen(std::vector<ObjectProperties>& objects);
  [[nodiscard]] std::optional<Error> overflow(const std::vector<ObjectProperties>& fresh);

  Session& session_;
  const CollectionQuery query_;
  boost::asio::steady_timer changed_;  // cancelled whenever pages_ or fetching_ changes
  boost::asio::steady_timer close_ended_;
  std::optional<ManagedObject> view_;
  std::uint64_t view_login_ = 0;  // the session that the view and the token belong to
  std::string token_;  // asks for the page after the last one that arrived; "" if there is none
  std::size_t pages_fetched_ = 0;  // since it last started over
  std::size_t furthest_ = 0;       // the most of these
  int vain_runs_ = 0;              // in a row that got no further
  bool fetching_ = false;
  bool asked_for_all_ = false;  // no page is left to ask for, or none can be had
  std::deque<std::shared_ptr<Page>> pages_;
  bool ended_ = false;
  bool closing_ = false;
  bool closed_ = false;
  boost::unordered_flat_set<std::size_t> seen_;  // hashes of the ids of what was returned
  std::size_t barren_pages_ = 0;                 // in a row, with nothing new
};

}  // namespace ballast::vsphere
