// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Makes providers of one kind; registered under a name, it is what `provider:` in the configuration refers to.
public protocol BrokerProviderFactory: Sendable {
    /// The name in the configuration, in kebab case: `redis-streams`.
    var name: String { get }

    /// What the providers of this kind promise; known before one is made.
    var capabilities: BrokerCapabilities { get }

    /// Reads the broker's options and makes a provider, which opens nothing yet.
    ///
    /// Problems of the options go into `options`, each with its position; the result is `nil` when there is one.
    func makeProvider(_ context: ProviderContext, options: inout ConfigurationReader) -> (any BrokerProvider)?
}
