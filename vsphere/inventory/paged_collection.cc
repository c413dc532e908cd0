#include "vsphere/inventory/paged_collection.h"

#include <algorithm>
#include <functional>
#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "vsphere/soap/decode.h"
#include "vsphere/soap/property_page.h"

namespace ballast::vsphere {

namespace {

namespace asio = boost::asio;

using Clock = std::chrono::steady_clock;

// How long to wait for a page that is no longer wanted: its token is needed to cancel the
// collection on the server.
constexpr std::chrono::seconds kFetchGrace{5};
// So many times in a row a collection may start over without getting further than before.
constexpr int kMostVainRuns = 3;
// vCenter 8 holds 40,000 VMs at most (VMware Configuration Maximums), and fewer of anything else.
constexpr std::size_t kMostObjects = 250'000;
// Pages without anything new, in a row, beside those that a collection has when it starts over.
constexpr std::size_t kMostBarrenPages = 16;

// Waits until `event` is cancelled, or for `limit`.
Awaitable<void> wait(asio::steady_timer& event,
                     Clock::time_point limit = Clock::time_point::max()) {
  boost::system::error_code ignored;
  event.expires_at(limit);
  co_await event.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

}  // namespace

std::shared_ptr<PagedCollection> PagedCollection::create(Session& session, CollectionQuery query) {
  return std::shared_ptr<PagedCollection>(new PagedCollection(session, std::move(query)));
}

PagedCollection::PagedCollection(Session& session, CollectionQuery query)
    : session_(session),
      query_(std::move(query)),
      changed_(session.executor()),
      close_ended_(session.executor()) {}

Awaitable<Result<ObjectBatch>> PagedCollection::next() {
  ObjectBatch batch;
  while (!ended_ && batch.objects.empty()) {
    const auto page = co_await oldest_page();
    if (!page) {
      ended_ = true;
      if (!asked_for_all_) co_return fail(closed_error());
      break;
    }
    auto& content = *page->content;
    if (!content) {
      ended_ = true;
      co_return fail(std::move(content.error()));
    }
    batch = {std::move(content->objects), std::move(content->text), page->arrived};
    leave_out_seen(batch.objects);
    if (auto error = overflow(batch.objects)) {
      ended_ = true;
      co_return fail(session_.explained(std::move(*error), query_.doing));
    }
  }
  co_return batch;
}

void PagedCollection::begin_close() {
  if (closing_ || !session_.is_open()) return;
  closing_ = true;
  ended_ = true;
  session_.cleanups().spawn(close_task(shared_from_this()));
}

Awaitable<void> PagedCollection::close() {
  begin_close();
  while (closing_ && !closed_) co_await wait(close_ended_);
}

void PagedCollection::fetch_ahead() {
  if (fetching_ || ended_ || asked_for_all_ || pages_.size() >= kReadAhead) return;
  fetching_ = true;
  session_.fetches().spawn(fetch_task(shared_from_this()));
}

Error PagedCollection::closed_error() const {
  return session_.explained({ErrorCode::kCancelled, "the session was closed", {}, {}},
                            query_.doing);
}

// Waits for the page that next() is to return, and has further ones fetched. Null if none is left
// or the session was closed.
Awaitable<std::shared_ptr<PagedCollection::Page>> PagedCollection::oldest_page() {
  fetch_ahead();
  while (pages_.empty() ? fetching_ : !pages_.front()->content) co_await wait(changed_);
  if (pages_.empty()) co_return nullptr;
  auto page = std::move(pages_.front());
  pages_.pop_front();
  fetch_ahead();
  co_return page;
}

Awaitable<void> PagedCollection::fetch_task(Self self) {
  std::exception_ptr thrown;
  try {
    co_await self->fetch_and_read();
  } catch (...) {
    thrown = std::current_exception();
  }
  self->changed_.cancel();
  if (thrown) std::rethrow_exception(thrown);
}

// Leaves no next() waiting for ever when a fetch is cancelled.
struct PagedCollection::Unfinished {
  PagedCollection& collection;
  std::shared_ptr<Page> page;
  ~Unfinished() {
    if (!page) collection.fetching_ = false;
    if (page && !page->content) page->content.emplace(fail(collection.closed_error()));
  }
};

Awaitable<void> PagedCollection::fetch_and_read() {
  Unfinished guard{*this, nullptr};
  auto answer = co_await fetch();
  guard.page = pages_.emplace_back(std::make_shared<Page>());
  fetching_ = false;
  asked_for_all_ = token_.empty();
  if (!answer) {
    guard.page->content.emplace(fail(std::move(answer.error())));
    co_return;
  }
  guard.page->arrived = answer->arrived;
  auto decode = [token = token_](std::string text) {
    return read_property_page(std::move(text), token);
  };
  fetch_ahead();
  changed_.cancel();
  auto read = co_await session_.decoded<PropertyPage>(std::move(answer->text), query_.doing,
                                                      std::move(decode));
  guard.page->content.emplace(std::move(read));
}

Awaitable<Result<PagedCollection::Answer>> PagedCollection::fetch() {
  bool is_continued = !token_.empty();
  auto answer = co_await request_page();
  while (!answer && may_start_over() && is_lost(answer.error(), is_continued)) {
    spdlog::info("{}: {}: starting over: {}", session_.name(), query_.doing,
                 answer.error().message);
    co_await leave_view();
    is_continued = false;
    pages_fetched_ = 0;
    answer = co_await request_page();
  }
  if (answer) ++pages_fetched_;
  if (!answer && answer.error().code == ErrorCode::kTooLarge) {
    answer.error().hint = "set a smaller page_size for this vCenter in the configuration";
  }
  co_return answer;
}

// A fleet of which VMs are deleted all the time may lose its place again and again. That is no
// reason to stop, as long as it gets further now and then.
bool PagedCollection::may_start_over() {
  vain_runs_ = pages_fetched_ > furthest_ ? 0 : vain_runs_ + 1;
  furthest_ = std::max(furthest_, pages_fetched_);
  return vain_runs_ <= kMostVainRuns;
}

// If only the token was lost, the view is still there and has to be destroyed.
Awaitable<void> PagedCollection::leave_view() {
  token_.clear();
  if (!view_) co_return;
  auto request = encode_destroy_view(*std::exchange(view_, std::nullopt));
  static_cast<void>(co_await clean_up(std::move(request)));
}

Awaitable<Result<PagedCollection::Answer>> PagedCollection::request_page() {
  if (!view_) {
    auto made = co_await make_view();
    if (!made) co_return fail(std::move(made.error()));
  }
  const std::string token = std::exchange(token_, {});  // good for one use
  const auto kind = token.empty() ? PageKind::kFirst : PageKind::kNext;
  auto request = page_request(token);
  auto text = co_await session_.ask(request, query_.doing, CallMode::kPlain);
  if (!text) co_return fail(std::move(text.error()));
  auto next = next_page_token(*text, kind);
  if (!next) co_return fail(session_.explained(std::move(next.error()), query_.doing));
  token_ = std::move(*next);
  co_return Answer{std::move(*text), now_utc()};
}

SoapRequest PagedCollection::page_request(const std::string& token) const {
  const auto& collector = session_.content().property_collector;
  if (!token.empty()) return encode_continue_retrieve(collector, token);
  return encode_retrieve_properties(collector,
                                    {*view_, query_.reach, query_.wanted, query_.page_size});
}

Awaitable<Status> PagedCollection::make_view() {
  const auto& content = session_.content();
  auto request =
      encode_create_container_view(content.view_manager, content.root_folder, query_.types);
  auto view =
      co_await session_.call<ManagedObject>(request, query_.doing, decode_create_container_view);
  if (!view) co_return fail(std::move(view.error()));
  view_ = std::move(*view);
  view_login_ = session_.logins();
  co_return Status();
}

// A lost session shows as NotAuthenticated, or as the view that is not found; if it is lost while a
// continuation is being handled, as the token that is not accepted; if another call has renewed the
// session meanwhile, as any fault.
bool PagedCollection::is_lost(const Error& error, bool is_continued) const {
  if (error.fault == "NotAuthenticated" || error.fault == "ManagedObjectNotFound") return true;
  if (is_continued && error.fault == "InvalidArgument") return true;
  return !error.fault.empty() && view_ && view_login_ != session_.logins();
}

// Hashes, because the ids of a fleet would be a good part of a scan's memory.
void PagedCollection::leave_out_seen(std::vector<ObjectProperties>& objects) {
  std::erase_if(objects, [this](const ObjectProperties& object) {
    return !seen_.insert(std::hash<std::string>()(object.object.id)).second;
  });
}

// A server may send for ever. No vCenter has so many objects of one kind, and only a collection that
// starts over sees a page again.
std::optional<Error> PagedCollection::overflow(const std::vector<ObjectProperties>& fresh) {
  if (seen_.size() > kMostObjects) {
    return Error{ErrorCode::kTooLarge,
                 fmt::format("the server has listed more than {} objects", kMostObjects),
                 "see what this server is: no vCenter has so many",
                 {}};
  }
  barren_pages_ = fresh.empty() ? barren_pages_ + 1 : 0;
  if (barren_pages_ <= furthest_ + kMostBarrenPages) return std::nullopt;
  return Error{
      ErrorCode::kProtocol,
      fmt::format("the server sends page after page with nothing new ({} in a row)", barren_pages_),
      "see what this server is, and whether a proxy on the way answers for it",
      {}};
}

Awaitable<void> PagedCollection::close_task(Self self) {
  const auto limit = Clock::now() + kFetchGrace;
  while (self->fetching_ && Clock::now() < limit) co_await wait(self->changed_, limit);
  Session& session = self->session_;
  Status done;
  const bool is_current = self->view_ && self->view_login_ == session.logins();
  const std::string token = std::exchange(self->token_, {});
  if (is_current && !token.empty()) {
    auto request = encode_cancel_retrieve(session.content().property_collector, token);
    done = co_await self->clean_up(std::move(request));
  }
  // After a fault the server still listens; after anything else it would only cost time.
  if (is_current && (done || !done.error().fault.empty())) {
    auto request = encode_destroy_view(*self->view_);
    done = co_await self->clean_up(std::move(request));
  }
  self->closed_ = true;
  self->close_ended_.cancel();
}

Awaitable<Status> PagedCollection::clean_up(SoapRequest request) {
  auto done =
      co_await session_.call<void>(request, query_.doing, decode_nothing, CallMode::kCleanup);
  if (!done) spdlog::debug("{}", done.error().message);
  co_return done;
}

}  // namespace ballast::vsphere
