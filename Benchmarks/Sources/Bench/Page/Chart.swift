// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// A figure as bars, in SVG.
struct Chart {
    var figure: Figure

    /// Where things are, in pixels.
    private enum Place {
        static let width = 860.0
        static let left = 350.0
        static let right = 790.0
        static let bar = 14.0
        static let gap = 10.0
    }

    private var hasLegend: Bool { figure.series.count > 1 }
    private var top: Double { hasLegend ? 76 : 50 }
    private var lines: [Figure.Line] { figure.lines.filter(\.isCharted) }
    private var axis: Axis { Axis(greatest: lines.flatMap(figure.bars).map(Self.total).max() ?? 0) }

    /// The whole file.
    var svg: String {
        var bars: [String] = []
        var y = top
        for line in lines {
            bars += group(of: line, at: y)
            y += height(of: line)
        }
        let head = """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(text(Place.width))" height="\(text(y + 52))" \
            viewBox="0 0 \(text(Place.width)) \(text(y + 52))" role="img" aria-labelledby="title description">
            <title id="title">\(escaped(figure.title))</title>
            <desc id="description">\(escaped(figure.description))</desc>
            <style>
            \(Self.style)
            </style>
            """
        let title = label(figure.title, x: 12, y: 26, class: "title")
        return ([head, title] + legend + grid(to: y) + bars + ["</svg>", ""]).joined(separator: "\n")
    }

    private func height(of line: Figure.Line) -> Double {
        Double(figure.bars(of: line).count) * Place.bar + Place.gap
    }

    /// The label of a line with its bars, and behind each bar what it comes to.
    private func group(of line: Figure.Line, at y: Double) -> [String] {
        let middle = y + height(of: line) / 2
        var shapes = [label(line.label, x: Place.left - 10, y: middle + 4.5, class: "end")]
        for (number, parts) in figure.bars(of: line).enumerated() {
            let top = y + Place.gap / 2 + Double(number) * Place.bar
            var x = Place.left
            for part in parts {
                let width = position(part.value) - Place.left
                shapes.append(rectangle(x: x, y: top + 1, width: width, height: Place.bar - 2, part.series.paint))
                x += width
            }
            let total = figure.unit.short(Self.total(parts))
            shapes.append(label(total, x: x + 6, y: top + Place.bar / 2 + 4, class: "value"))
        }
        return shapes
    }

    private var legend: [String] {
        guard hasLegend else { return [] }
        var x = 12.0
        return figure.series.flatMap { series in
            defer { x += 36 + 7.2 * Double(series.label.count) }
            return [
                rectangle(x: x, y: 44, width: 12, height: 12, series.paint),
                label(series.label, x: x + 18, y: 54.5, class: "legend"),
            ]
        }
    }

    private func grid(to y: Double) -> [String] {
        let lines = axis.ticks.flatMap { tick in
            let x = text(position(tick))
            return [
                "<line class=\"grid\" x1=\"\(x)\" x2=\"\(x)\" y1=\"\(text(top))\" y2=\"\(text(y))\"/>",
                label(axis.text(tick, figure.unit), x: position(tick), y: y + 18, class: "tick"),
            ]
        }
        let middle = (Place.left + Place.right) / 2
        return lines + [label(figure.unit.rawValue, x: middle, y: y + 40, class: "axis")]
    }

    private func position(_ value: Double) -> Double {
        Place.left + (Place.right - Place.left) * value / axis.end
    }

    private static func total(_ parts: [(series: Figure.Series, value: Double)]) -> Double {
        parts.reduce(0) { $0 + $1.value }
    }
}
