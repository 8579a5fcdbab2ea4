// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// A price as it is published, or the close of its symbol.
struct Price: Codable, Sendable {
    /// What is traded.
    let symbol: String
    /// Counts the prices of a symbol from 1, so that whoever watches sees which ones are missing.
    let number: Int
    /// The price.
    let cents: Int
    /// Whether it is the last one, and of how many symbols.
    let closing: Int?

    static let symbols = ["ash", "birch", "cedar", "elm"]

    /// Every tenth price of a symbol is worth an alarm.
    var isAlarming: Bool { number.isMultiple(of: 10) }

    var stream: StreamName { StreamName("prices.\(symbol)") }

    /// The prices of a session, symbol by symbol in turn, and the closes behind them.
    static func session(of count: Int) -> [Price] {
        let prices = (0..<count).map { index in
            let number = index / symbols.count + 1
            return Price(
                symbol: symbols[index % symbols.count], number: number, cents: 10_000 + number * 37 % 500, closing: nil)
        }
        let closes = symbols.enumerated().map { index, symbol in
            let before = count / symbols.count + (index < count % symbols.count ? 1 : 0)
            return Price(symbol: symbol, number: before + 1, cents: 0, closing: symbols.count)
        }
        return prices + closes
    }
}

/// Why an alarm does not ring at the first attempt.
struct LineIsBusy: Error {}
