// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What a provider needs to know for its maintenance.
public struct MaintenanceRequest: Sendable {
    /// A stream of this provider, with its bounds and the groups that must have settled an entry before it is trimmed.
    public struct Stream: Sendable {
        /// The declared stream or pattern.
        public var selection: StreamSelection
        /// Its bounds.
        public var retention: RetentionPolicy
        /// The declared groups. Nothing is trimmed while one of them does not exist.
        public var groups: [GroupName]

        /// Makes a description.
        public init(selection: StreamSelection, retention: RetentionPolicy, groups: [GroupName]) {
            self.selection = selection
            self.retention = retention
            self.groups = groups
        }
    }

    /// The declared streams of this provider.
    public var streams: [Stream]
    /// A stream that another process has maintained within this time may be skipped; defaults to 0: none is skipped.
    public var interval: Duration

    /// Makes a request.
    public init(streams: [Stream], interval: Duration = .zero) {
        self.streams = streams
        self.interval = interval
    }
}

/// What the maintenance did and found.
public struct MaintenanceReport: Sendable, Hashable {
    /// A stream that exceeds its bound because a group has not settled its oldest entries.
    public struct Held: Sendable, Hashable {
        /// The stream.
        public var stream: StreamName
        /// The group that has not settled them, or a declared group that does not exist; `nil` if the stream has no
        /// group.
        public var group: GroupName?
        /// How many entries exceed the bound.
        public var excess: Int

        /// Makes a finding.
        public init(stream: StreamName, group: GroupName?, excess: Int) {
            self.stream = stream
            self.group = group
            self.excess = excess
        }
    }

    /// How many settled entries were trimmed.
    public var trimmed: Int
    /// How many unsettled entries were trimmed. Only `retention: cap` trims them.
    public var lost: Int
    /// Streams that could not be trimmed to their bound.
    public var held: [Held]

    /// Makes a report. By default it is empty.
    public init(trimmed: Int = 0, lost: Int = 0, held: [Held] = []) {
        self.trimmed = trimmed
        self.lost = lost
        self.held = held
    }
}
