#include "vsphere/paged_collection.h"

#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <spdlog/spdlog.h>

#include "vsphere/soap_decode.h"

namespace ballast::vsphere {

namespace {

namespace asio = boost::asio;

using Clock = std::chrono::steady_clock;

// How long a page that is no longer wanted is waited for: without its token the server's side of
// the collection could not be cancelled.
constexpr std::chrono::seconds kFetchGrace{5};

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
      fetch_ended_(session.executor()),
      close_ended_(session.executor()) {}

Awaitable<Result<ObjectBatch>> PagedCollection::next() {
  ObjectBatch batch;
  while (!ended_ && batch.objects.empty()) {
    if (!fetching_ && !fetched_) begin_fetch();
    while (fetching_) co_await wait(fetch_ended_);
    auto page = take_fetched();
    batch.arrived = fetched_at_;
    if (!page) {
      ended_ = true;
      co_return fail(std::move(page.error()));
    }
    if (token_.empty()) {
      ended_ = true;
    } else {
      begin_fetch();
    }
    batch.objects = std::move(page->objects);
    leave_out_seen(batch.objects);
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

void PagedCollection::begin_fetch() {
  fetching_ = true;
  session_.fetches().spawn(fetch_task(shared_from_this()));
}

Result<PropertyPage> PagedCollection::take_fetched() {
  if (fetched_) return *std::exchange(fetched_, std::nullopt);
  return fail(
      session_.explained({ErrorCode::kCancelled, "the session was closed", {}, {}}, query_.doing));
}

Awaitable<void> PagedCollection::fetch_task(Self self) {
  std::exception_ptr thrown;
  try {
    auto page = co_await self->fetch();
    self->fetched_.emplace(std::move(page));
  } catch (...) {
    thrown = std::current_exception();
  }
  self->fetching_ = false;
  self->fetch_ended_.cancel();
  if (thrown) std::rethrow_exception(thrown);
}

Awaitable<Result<PropertyPage>> PagedCollection::fetch() {
  const bool is_continued = !token_.empty();
  auto page = co_await request_page();
  if (!page && !restarted_ && is_lost(page.error(), is_continued)) {
    restarted_ = true;
    spdlog::info("{}: {}: the session was lost, starting over", session_.name(), query_.doing);
    co_await leave_view();
    page = co_await request_page();
  }
  fetched_at_ = now_utc();
  if (page) token_ = page->token;
  co_return page;
}

// It may be there all the same, if only the token was lost.
Awaitable<void> PagedCollection::leave_view() {
  token_.clear();
  if (!view_) co_return;
  auto request = encode_destroy_view(*std::exchange(view_, std::nullopt));
  static_cast<void>(co_await clean_up(std::move(request)));
}

Awaitable<Result<PropertyPage>> PagedCollection::request_page() {
  if (!view_) {
    auto made = co_await make_view();
    if (!made) co_return fail(std::move(made.error()));
  }
  const auto& collector = session_.content().property_collector;
  const std::string token = std::exchange(token_, {});  // good for one use
  if (!token.empty()) {
    auto request = encode_continue_retrieve(collector, token);
    co_return co_await session_.call<PropertyPage>(std::move(request), query_.doing,
                                                   decode_more_properties, CallMode::kPlain);
  }
  PropertyQuery query{*view_, query_.reach, query_.wanted, query_.page_size};
  auto request = encode_retrieve_properties(collector, query);
  co_return co_await session_.call<PropertyPage>(std::move(request), query_.doing,
                                                 decode_properties, CallMode::kPlain);
}

Awaitable<Status> PagedCollection::make_view() {
  const auto& content = session_.content();
  auto request =
      encode_create_container_view(content.view_manager, content.root_folder, query_.types);
  auto view = co_await session_.call<ManagedObject>(std::move(request), query_.doing,
                                                    decode_create_container_view);
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

void PagedCollection::leave_out_seen(std::vector<ObjectProperties>& objects) {
  std::erase_if(objects, [this](const ObjectProperties& object) {
    return !seen_.insert(object.object.id).second;
  });
}

Awaitable<void> PagedCollection::close_task(Self self) {
  const auto limit = Clock::now() + kFetchGrace;
  while (self->fetching_ && Clock::now() < limit) co_await wait(self->fetch_ended_, limit);
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
  auto done = co_await session_.call<void>(std::move(request), query_.doing, decode_nothing,
                                           CallMode::kCleanup);
  if (!done) spdlog::debug("{}", done.error().message);
  co_return done;
}

}  // namespace ballast::vsphere
