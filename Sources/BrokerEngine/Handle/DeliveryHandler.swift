// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Handles one delivery: returning acknowledges, throwing asks for a retry.
public typealias DeliveryHandler = @Sendable (Delivery) async throws -> Void

/// Handles a batch of deliveries: returning acknowledges all that are not settled singly, throwing retries those.
public typealias BatchHandler = @Sendable ([Delivery]) async throws -> Void
