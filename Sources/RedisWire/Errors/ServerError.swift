// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// An error that the server replied, or the reason why a node of a cluster did not reply, in the place of its reply.
package struct ServerError: Error, Sendable, Hashable {
    /// Why there is no reply, and what is known about the effect.
    struct Failure: Sendable, Hashable {
        var code: RedisError.Code
        var effect: RedisError.Effect
    }

    /// The length to which the text is cut, in characters.
    private static let bound = 300

    /// The server's text in one line, without the arguments of the command that it repeats.
    package let text: String
    /// What to do about it.
    package let reaction: ServerReaction
    /// Whether it was raised inside a running script, which may have written before.
    package let isInsideScript: Bool
    /// Set if the server has not replied.
    let failure: Failure?

    /// Reads the text of an error reply, without the leading `-`.
    package init(_ text: String) {
        // "ERR unknown command 'AUTH', with args beginning with: 'secret'": arguments must not reach a log.
        let shown = text.firstRange(of: ", with args beginning with").map { text[..<$0.lowerBound] } ?? text[...]
        self.text = String(String.UnicodeScalarView(shown.unicodeScalars.prefix(Self.bound).map { $0.inOneLine }))
        reaction = ServerReaction.reaction(to: text)
        isInsideScript = text.contains("user_script")
        failure = nil
    }

    /// Makes the error that stands in the place of a reply which did not come.
    init(_ error: RedisError) {
        text = error.message
        reaction = error.serverError?.reaction ?? (error.isRetryable ? .backOff : .fail)
        isInsideScript = false
        failure = Failure(code: error.code, effect: error.effect)
    }

    /// Where the node says that the key is, if that is what it says.
    package var redirection: Redirection? { failure == nil ? Redirection(text) : nil }

    /// Whether a read was ended because its stream is gone from the server. On a cluster the stream may have moved to
    /// another node; the map says so.
    package var mayHaveMoved: Bool {
        text.hasPrefix("UNBLOCKED") && reaction == .ensureGroup
    }
}

extension Unicode.Scalar {
    /// The scalar, or a space in place of a control character.
    fileprivate var inOneLine: Unicode.Scalar { properties.generalCategory == .control ? " " : self }
}

extension ServerError: CustomStringConvertible, CustomDebugStringConvertible {
    /// The text.
    package var description: String { text }

    /// The text.
    package var debugDescription: String { text }
}

/// What to do about an error reply. Here is the one table of the prefixes of error replies.
package enum ServerReaction: Sendable, Hashable {
    /// The server is unable at the moment: back off with jitter, keep leases, try again.
    case backOff
    /// The address leads to the wrong server: drop the connection, resolve the address again, connect.
    case reconnect
    /// The key lies on another server: leases stay held; a client of one server cannot follow.
    case redirect
    /// The request is wrong for this server and stays wrong: name the keys.
    case refuse
    /// The server has forgotten a script: send its text once.
    case reloadScript
    /// The group or the stream is gone: create the group again and go on.
    case ensureGroup
    /// The wait of a read was ended: read again.
    case readAgain
    /// The requested state exists already: success.
    case alreadySo
    /// The key holds no stream: leave it alone for a while, the other streams go on.
    case isolateStream
    /// The server refuses the credentials or the rights: try again slowly, never as somebody else.
    case alarm
    /// The command failed for good and changed nothing.
    case fail

    /// Returns the reaction to the text of an error reply: that of the first row that fits.
    package static func reaction(to text: some StringProtocol) -> ServerReaction {
        let text = RaisedError.cause(of: text) ?? String(text)
        for row in table where row.fits(text) { return row.reaction }
        return .fail
    }

    /// One row of the table: how a text begins, what else it contains, what to do.
    package struct Row: Sendable {
        /// How the text begins: a word, or a word and more.
        package let prefix: String
        /// What else it contains, if that matters.
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

    /// The rows in the order in which they are compared. The texts are those of Redis 6.2 to 7.2.
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
        // A server that has become a replica since the write, which nobody keeps then.
        Row("ERR WAIT cannot be used with replica", .reconnect),
        Row("ERR WAITAOF cannot be used with replica", .reconnect),
        Row("MOVED", .redirect),
        Row("ASK", .redirect),
        Row("CROSSSLOT", .refuse),
        Row("ERR Protocol error", .refuse),
        Row("NOSCRIPT", .reloadScript),
        Row("NOGROUP", .ensureGroup),
        // XINFO of a stream that is gone.
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
        // A missing right has no code of its own inside scripts.
        Row("ERR The user executing the script", .alarm),
        Row("ERR ACL failure in script", .alarm),
        Row("EXECABORT", .fail),
        Row("ERR", .fail),
    ]
}

/// An error that a script raised, in the form of Redis 6.2.
///
/// Newer servers keep the code at the front and add the place at the end. 6.2 puts everything in front of the cause:
/// `ERR Error running script (call to f_…): @user_script:12: @user_script: 12: -OOM command not allowed …`.
enum RaisedError {
    private static let beginning = "ERR Error running script"
    private static let place = "user_script:"

    /// Returns the error that was raised, with its code at the front; `nil` for any other error.
    static func cause(of text: some StringProtocol) -> String? {
        guard text.hasPrefix(beginning) else { return nil }
        var cause = Substring(text)
        var isInside = false
        while let range = cause.firstRange(of: place) {
            isInside = true
            cause = cause[range.upperBound...].drop { " 0123456789:".contains($0) }
        }
        guard isInside else { return nil }
        if cause.hasPrefix("-") { cause = cause.dropFirst() }
        let code = cause.prefix { $0.isUppercase }
        return code.count > 1 && cause.dropFirst(code.count).hasPrefix(" ") ? String(cause) : "ERR \(cause)"
    }
}
