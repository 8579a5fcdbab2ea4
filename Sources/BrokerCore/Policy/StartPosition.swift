// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Where a group begins to read when it is created; it changes nothing for a group that exists.
public enum StartPosition: Sendable, Hashable {
    /// With the oldest entry that the stream still has.
    case earliest
    /// With what is published after the group's creation.
    case latest
    /// Behind the entry of this id.
    case after(MessageID)
    /// With what was stored at this time or later.
    case time(Timestamp)
}

extension StartPosition {
    /// The least id that a group beginning here receives, of the entries that are stored when it is created.
    public var firstID: MessageID {
        switch self {
        case .earliest: .zero
        case .latest: .maximum
        case .after(let id): id.next ?? .maximum
        case .time(let time): MessageID(milliseconds: UInt64(max(0, time.milliseconds)), sequence: 0)
        }
    }
}

extension StartPosition: LosslessStringConvertible {
    /// Reads `earliest`, `latest`, an id with its dash, or a time of RFC 3339; `nil` for anything else.
    public init?(_ text: String) {
        switch text {
        case "earliest": self = .earliest
        case "latest": self = .latest
        default:
            if let time = Timestamp(rfc3339: text) {
                self = .time(time)
            } else if text.contains("-"), let id = MessageID(text) {
                self = .after(id)
            } else {
                return nil
            }
        }
    }

    /// The position as it is written in a file.
    public var description: String {
        switch self {
        case .earliest: "earliest"
        case .latest: "latest"
        case .after(let id): "\(id)"
        case .time(let time): time.rfc3339
        }
    }
}
