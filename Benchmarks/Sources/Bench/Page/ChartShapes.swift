// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

extension Chart {
    /// Readable on light and on dark pages, whose colour shows through.
    static let style = """
        text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328 }
        .title { font-size: 16px; font-weight: 600 }
        .value, .legend { font-size: 12px }
        .end { text-anchor: end }
        .tick, .axis { font-size: 12px; text-anchor: middle; fill: #59636e }
        .grid { stroke: #d1d9e0 }
        .ours { fill: #0969da }
        .ours-more { fill: #80bbff }
        .yardstick { fill: #6e7781 }
        .yardstick-more { fill: #b6bec7 }
        @media (prefers-color-scheme: dark) {
        text { fill: #f0f6fc }
        .tick, .axis { fill: #9198a1 }
        .grid { stroke: #3d444d }
        .ours { fill: #4493f8 }
        .ours-more { fill: #1f5fb0 }
        .yardstick { fill: #9198a1 }
        .yardstick-more { fill: #59606a }
        }
        """

    func rectangle(x: Double, y: Double, width: Double, height: Double, _ paint: Figure.Paint) -> String {
        let place = "x=\"\(text(x))\" y=\"\(text(y))\" width=\"\(text(width))\" height=\"\(text(height))\""
        return "<rect class=\"\(paint.rawValue)\" \(place)/>"
    }

    func label(_ words: String, x: Double, y: Double, class name: String) -> String {
        "<text class=\"\(name)\" x=\"\(text(x))\" y=\"\(text(y))\">\(escaped(words))</text>"
    }

    /// A tenth of a pixel is as exact as anybody can see.
    func text(_ number: Double) -> String {
        let tenths = Int((number * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(Double(tenths) / 10)"
    }

    func escaped(_ words: String) -> String {
        words.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }

    /// Where an axis ends, and which round numbers stand along it.
    struct Axis {
        private let step: Double
        private let count: Int

        /// From zero to a round number that is at least this, in four to ten steps of 1, 2 or 5 times a power of ten.
        init(greatest: Double) {
            let greatest = max(greatest, 1e-6)
            var power = 1.0
            while power * 10 <= greatest / 4 { power *= 10 }
            while power > greatest / 4 { power /= 10 }
            step = power * ([5.0, 2, 1].first { power * $0 <= greatest / 4 } ?? 1)
            count = Int((greatest / step).rounded(.up))
        }

        var end: Double { step * Double(count) }
        var ticks: [Double] { (0...count).map { step * Double($0) } }

        /// A round number needs no zeros behind the point.
        func text(_ tick: Double, _ unit: Measure.Unit) -> String {
            unit.short(tick).replacing(#/\.(\d*?)0+(M?)$/#) { match in
                match.1.isEmpty ? "\(match.2)" : ".\(match.1)\(match.2)"
            }
        }
    }
}
