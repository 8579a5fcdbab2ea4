// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What to do about an error that the server answered: the one table of reply prefixes.
package enum ServerReaction: Sendable, Hashable {
    /// The server cannot just now: back off with jitter, keep leases, try again.
    case backOff
    /// The server is another one than it was: drop the connection, resolve the address again, connect.
    case reconnect
    /// The key lives on another server: what is held stays held; a standalone client cannot follow.
    case redirect
    /// The request is wrong for this server, and stays so: name the keys.
    case refuse
    /// The server has forgotten a script: send its text, once.
    case reloadScript
    /// The group or the stream is gone: create the group again, go on.
    case ensureGroup
    /// Somebody ended the wait: read again.
    case readAgain
    /// What was asked for is so already: success.
    case alreadySo
    /// Under the name is no stream: leave this stream alone for a while, the others go on.
    case isolateStream
    /// The server refuses the credentials or the rights: try again slowly, never as somebody else.
    case alarm
    /// The command failed for good and changed nothing.
    case fail

    /// What the text of an error reply asks for. The first row that fits rules.
    package static func reaction(to text: some StringProtocol) -> ServerReaction {
        let text = RaisedError.cause(of: text) ?? String(text)
        for row in table where row.fits(text) { return row.reaction }
        return .fail
    }

    /// One row: how a text begins, what it holds besides, what to do.
    package struct Row: Sendable {
        /// How the text begins: a word, or a word and more.
        package let prefix: String
        /// What it holds, if that matters.
        package let part: String?
        /// What to do.
        package let reaction: ServerReaction

        init(_ prefix: String, holding part: String? = nil, _ reaction: ServerReaction) {
            self.prefix = prefix
            self.part = part
            self.reaction = reaction
        }

        func fits(_ text: some StringProtocol) -> Bool {
            guard text.hasPrefix(prefix) else { return false }
            let rest = text.dropFirst(prefix.count)
            guard " ,:".contains(rest.first ?? " ") else { return false }
            return part.map { rest.contains($0) } ?? true
        }
    }

    /// The rows, in the order in which they are asked. Texts of Redis 6.2 to 7.2.
    package static let table: [Row] = [
        Row("LOADING", .backOff),
        Row("BUSY", .backOff),
        Row("MASTERDOWN", .backOff),
        Row("CLUSTERDOWN", .backOff),
        Row("TRYAGAIN", .backOff),
        Row("NOREPLICAS", .backOff),
        Row("MISCONF", .backOff),
        Row("OOM", .backOff),
        Row("ERR max number of clients", .backOff),
        Row("READONLY", .reconnect),
        Row("UNBLOCKED", holding: "instance state changed", .reconnect),
        Row("MOVED", .redirect),
        Row("ASK", .redirect),
        Row("CROSSSLOT", .refuse),
        Row("ERR Protocol error", .refuse),
        Row("NOSCRIPT", .reloadScript),
        Row("NOGROUP", .ensureGroup),
        // What XINFO says of a stream that is gone.
        Row("ERR no such key", .ensureGroup),
        Row("UNBLOCKED", holding: "no longer exists", .ensureGroup),
        Row("UNBLOCKED", .readAgain),
        Row("BUSYGROUP", .alreadySo),
        Row("WRONGTYPE", .isolateStream),
        Row("NOAUTH", .alarm),
        Row("WRONGPASS", .alarm),
        Row("NOPERM", .alarm),
        Row("DENIED", .alarm),
        Row("-DENIED", .alarm),
        Row("NOPROTO", .alarm),
        Row("ERR invalid password", .alarm),
        Row("ERR Client sent AUTH", .alarm),
        Row("ERR AUTH", .alarm),
        // Inside scripts the lack of a right has no code of its own.
        Row("ERR The user executing the script", .alarm),
        Row("ERR ACL failure in script", .alarm),
        Row("EXECABORT", .fail),
        Row("ERR", .fail),
    ]
}
