// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// What can be seen of a stream from outside: on both sides the same.
struct StreamState: Hashable {
    /// Its entries; their number is its length.
    var entries: [StoredMessage] = []
    /// Its groups that exist, by place.
    var groups: [Int: GroupState] = [:]
}

/// What can be seen of a group from outside.
struct GroupState: Hashable {
    /// The pending list.
    var pending: [PendingState] = []
    /// What it has not been given, in the order of the stream.
    var unread: [MessageID] = []
    /// What waits, in the order in which it is due, and when that is.
    var due: [DueLine] = []
}

/// A line of a pending list.
struct PendingState: Hashable {
    var id: MessageID
    /// Who holds it; `nil` while it waits.
    var holder: String?
    var token: UInt64
    /// When it was leased or extended last, in milliseconds since 1970; 0 while it waits.
    var since: Int64
}

/// A line of the sorted set.
struct DueLine: Hashable {
    /// The member: an id whose sequence is padded, unless somebody else wrote it.
    var member: String
    /// When, in milliseconds since 1970.
    var time: Int64

    init(member: String, time: Int64) {
        self.member = member
        self.time = time
    }

    init(_ id: MessageID, time: Int64) {
        self.init(member: Self.member(of: id), time: time)
    }

    /// What stands for an entry.
    static func member(of id: MessageID) -> String {
        let digits = "\(id.sequence)"
        return "\(id.milliseconds)-" + String(repeating: "0", count: 20 - digits.count) + digits
    }
}

/// Model and server differ.
struct Difference: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
