// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import RedisWire

/// Whether a group has ever handled a message: the field `new` beside its floor, which is 1 until then.
extension RedisStreamsProvider: NewGroupReporting {
    /// Returns whether every stream that is selected has the group, with the mark.
    public func isNew(_ group: GroupName, of selection: StreamSelection) async throws(BrokerError) -> Bool {
        let action = "ask whether '\(group)' of '\(selection)' is new"
        return try await marks(of: group, selection, to: action).allSatisfy { $0.isNew ?? true }
    }

    /// Removes the mark wherever it is.
    public func confirm(_ group: GroupName, of selection: StreamSelection) async throws(BrokerError) {
        let action = "note that '\(group)' of '\(selection)' has handled a message"
        var commands = RedisCommands()
        for mark in try await marks(of: group, selection, to: action) where mark.isNew == true {
            commands.begin(4, "HSET", for: .key(mark.floor))
            commands.add(mark.floor)
            commands.add("new" as StaticString)
            commands.add("0" as StaticString)
        }
        guard commands.count > 0 else { return }
        if let error = try await ask(commands, to: action).lazy.compactMap(\.error).first {
            throw BrokerError(error, action)
        }
    }

    private struct Mark {
        var floor: String
        /// Whether the group is new; `nil` if there is no such group.
        var isNew: Bool?
    }

    private func marks(
        of group: GroupName, _ selection: StreamSelection, to action: String
    ) async throws(BrokerError) -> [Mark] {
        let streams: [StreamName]
        switch selection {
        case .stream(let name): streams = [name]
        case .pattern(let pattern): streams = try await self.streams(matching: pattern)
        }
        if streams.isEmpty { return [] }
        let floors = streams.map { keys.floor(group, of: $0) }
        var commands = RedisCommands()
        for floor in floors {
            for field in ["epoch", "new"] as [StaticString] {
                commands.begin(3, "HGET", for: .key(floor))
                commands.add(floor)
                commands.add(field)
            }
        }
        var replies = try await ask(commands, to: action).makeIterator()
        var marks: [Mark] = []
        for floor in floors {
            guard let epoch = replies.next(), let mark = replies.next() else { break }
            if let error = epoch.error ?? mark.error { throw BrokerError(error, action) }
            marks.append(Mark(floor: floor, isNew: epoch.string == nil ? nil : mark.string == "1"))
        }
        return marks
    }
}
