// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The optional ability to know how many consumers there is room for; more handlers are refused at start.
public protocol ConsumerLimiting: BrokerProvider {
    /// How many consumers can have a subscription at the same time, each with a handler; known before anything
    /// connects.
    var consumerLimit: Int { get }
    /// What makes room for more, as the end of a sentence (`raise 'max-connections'`).
    var consumerAdvice: String { get }
}
