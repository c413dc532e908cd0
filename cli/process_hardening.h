// What the process does for its own safety before anything else: it holds the logins of a fleet.
#pragma once

namespace ballast::cli {

// To be called first in main(), once, before there are threads.
//
// - No core dumps, neither files nor to a crash handler, and no debugger of the same user: their
//   memory holds passwords. (Not the latter two in builds with AddressSanitizer: its leak check is
//   a debugger.) Files in /proc/<pid> that are not for every user then belong to root.
// - Files are closed to other users and not writable for the group, whatever the umask was.
// - Descriptors 0 to 2 are open, so that no file can come to stand there and get a message written
//   into it. One that was closed gives nothing, or fails to be written as if it still were.
// - A pipe or connection whose other end has gone is an error like any other, not the end of the
//   process. Programs that it starts have the usual behaviour back.
void harden_process();

}  // namespace ballast::cli
