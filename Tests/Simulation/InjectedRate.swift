// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerTestKit

/// A kind of fault and the part of the calls that meet it.
struct InjectedRate: Sendable {
    let fault: InjectedFault
    let rate: Double

    /// Rates that still let most calls through in the end.
    static func some(_ dice: Dice) -> [InjectedRate] {
        InjectedFault.allCases.map { fault in
            let most = fault == .hang ? 0.1 : 0.4
            return InjectedRate(fault: fault, rate: dice.chance(0.5) ? dice.number(in: 0..<most) : 0)
        }
    }
}
