// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What became of a settlement or an extension. Closed by design: the engine acts on each.
public enum SettlementOutcome: Sendable {
    /// It was carried out.
    case done
    /// It was carried out, and the lease goes on under this receipt.
    case renewed(Receipt)
    /// Another consumer holds the lease.
    case lost
    /// The entry is no longer pending: settled before, by this consumer or another.
    case settled
    /// The entry is no longer in the stream.
    case missing
    /// It could not be carried out; the decision stays in hand and is sent again later.
    case refused(BrokerError)
}
