// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// The subject of a conformance run: how to make a fresh backend for each check.
public struct ConformanceSubject: Sendable {
    /// The name in reports.
    public var name: String
    /// Makes a backend that no other check uses.
    public var makeBackend: @Sendable () async throws -> ConformanceBackend

    /// Makes a subject.
    public init(_ name: String, makeBackend: @escaping @Sendable () async throws -> ConformanceBackend) {
        self.name = name
        self.makeBackend = makeBackend
    }
}

/// A backend for one check: the providers that reach it, and how time passes for it.
public struct ConformanceBackend: Sendable {
    /// How time passes for the backend.
    public var time: TimeControl
    /// The provider under test.
    public var provider: any BrokerProvider
    /// A second provider on the same backend, as another process would have it; `nil` if there cannot be one.
    public var peer: (any BrokerProvider)?
    /// A suffix for each stream name, so that checks on one server do not affect each other.
    public var suffix: String
    /// Ends every connection of the provider under test. By default it does nothing.
    public var disconnect: @Sendable () async throws -> Void = {}
    /// Disposes of the backend, after the providers have been closed.
    public var dispose: @Sendable () async -> Void

    /// Makes a backend. By default it has no peer and needs no disposal.
    public init(
        time: TimeControl, provider: any BrokerProvider, peer: (any BrokerProvider)? = nil, suffix: String = "",
        dispose: @escaping @Sendable () async -> Void = {}
    ) {
        self.time = time
        self.provider = provider
        self.peer = peer
        self.suffix = suffix
        self.dispose = dispose
    }
}
