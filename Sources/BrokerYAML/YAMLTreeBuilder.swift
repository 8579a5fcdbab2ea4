// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Builds the tree from events. A pure value that does not know libyaml.
struct YAMLTreeBuilder {
    /// The node of an anchor.
    private struct Anchored {
        var node: ConfigurationNode
        /// How many nodes it has, itself included.
        var count: Int
        /// How many levels it has; none for a scalar.
        var levels: Int
    }

    private(set) var problems: [ConfigurationProblem] = []
    /// Whether no further event is needed.
    private(set) var hasEnded = false
    private let places: YAMLPlaces
    private var root: ConfigurationNode?
    private var documents = 0
    private var open: [YAMLOpenNode] = []
    private var anchors: [String: Anchored] = [:]
    private var aliasNodes = 0
    /// Whether the next value has a tag, and so cannot be used.
    private var isTagged = false
    /// How many levels are open in a key that is no scalar, which is skipped.
    private var skipped = 0
    /// What has just been read, for the message about a mistake.
    private var surroundings = YAMLSurroundings()

    init(_ places: YAMLPlaces) {
        self.places = places
    }

    /// The tree; that of an empty file is `null`.
    var tree: ConfigurationNode? {
        hasEnded ? nil : root ?? ConfigurationNode(.null, position: places.beginning)
    }

    /// Ends the reading at a syntax error.
    mutating func stop(_ failure: YAMLFailure) {
        surroundings.open = open.last?.neighbour
        let problem = YAMLMistake(failure: failure, places: places, surroundings: surroundings).problem
        // A key that is a map, since a name with braces has no quotes, has been reported as such.
        problems.removeAll {
            $0.position?.line == problem.position?.line && $0.position?.column == problem.position?.column
        }
        problems.append(problem)
        hasEnded = true
    }

    /// Ends the reading at a byte that cannot be read.
    mutating func stop(_ problem: String, at mark: YAMLEvent.Mark) {
        stop(problem, places.position(from: mark, to: mark))
    }

    private mutating func stopAtDepth(_ place: SourcePosition) {
        stop("more than \(YAMLReader.maximumDepth) levels deep", place)
    }

    private mutating func stop(_ message: String, _ position: SourcePosition) {
        problems.append(ConfigurationProblem(message, at: position))
        hasEnded = true
    }

    /// Takes the next event.
    mutating func take(_ event: YAMLEvent) {
        let place = places.position(from: event.start, to: event.end)
        note(event)
        if event.hasTag {
            report("tags (beginning with '!') are not supported", place)
            isTagged = true
        }
        if skipped > 0 { return skip(event) }
        switch event.kind {
        case .documentStart: beginDocument(place)
        case .alias(let name): takeAlias(name, event.start, place)
        case .scalar(let text, let isQuoted): takeScalar(text, isQuoted, event.anchor, place)
        case .listStart: begin(isMap: false, event, place)
        case .mapStart: begin(isMap: true, event, place)
        case .listEnd, .mapEnd: end()
        }
    }

    private mutating func note(_ event: YAMLEvent) {
        switch event.kind {
        // A value that is missing is a scalar without text.
        case .scalar(let text, let isQuoted) where isQuoted || !text.isEmpty:
            surroundings.last = (event.start, event.end, isQuoted)
            surroundings.closed = nil
        case .mapEnd where skipped == 0: surroundings.closed = open.last?.neighbour
        default: break
        }
    }

    private mutating func beginDocument(_ place: SourcePosition) {
        documents += 1
        if documents > 1 { stop("a second document begins here; the file holds one", place) }
    }

    private mutating func takeScalar(_ text: String, _ isQuoted: Bool, _ anchor: String?, _ place: SourcePosition) {
        if isKeyNext { return takeKey(text, isQuoted, place) }
        let isNull = !isQuoted && ["", "~", "null", "Null", "NULL"].contains(text)
        var node = ConfigurationNode(isNull ? .null : .scalar(text, isQuoted: isQuoted), position: place)
        node.origin.isUnusable = isTagged
        isTagged = false
        add(node, count: 1, levels: 0, anchor: anchor)
    }

    private mutating func takeAlias(_ name: String, _ mark: YAMLEvent.Mark, _ place: SourcePosition) {
        if isKeyNext {
            problems.append(YAMLMistake.star(at: mark, in: places))
            keepKey("", place, isKept: false)
        } else if open.contains(where: { $0.anchor == name }) {
            stop("the alias stands within what it stands for", place)
        } else if let anchored = anchors[name] {
            aliasNodes += anchored.count
            guard aliasNodes <= YAMLReader.maximumAliasNodes else {
                return stop("aliases stand for more than \(YAMLReader.maximumAliasNodes) values", place)
            }
            guard open.count + anchored.levels <= YAMLReader.maximumDepth else { return stopAtDepth(place) }
            add(anchored.node, count: anchored.count, levels: anchored.levels, anchor: nil)
        } else {
            problems.append(YAMLMistake.unknownAlias(at: mark, in: places))
            var node = ConfigurationNode(.scalar("", isQuoted: false), position: place)
            node.origin.isUnusable = true
            add(node, count: 1, levels: 0, anchor: nil)
        }
    }

    private mutating func begin(isMap: Bool, _ event: YAMLEvent, _ place: SourcePosition) {
        if isKeyNext {
            report(
                "expected text as a key, found \(isMap ? "a map" : "a list"); put a key with brackets in quotes", place)
            keepKey("", place, isKept: false)
            skipped = 1
            return
        }
        isTagged = false
        guard open.count < YAMLReader.maximumDepth else { return stopAtDepth(place) }
        var place = place
        place.length = 1
        open.append(YAMLOpenNode(isMap: isMap, isFlow: event.isFlow, position: place, anchor: event.anchor))
    }

    private mutating func end() {
        guard let closed = open.popLast() else { return }
        let value: ConfigurationNode.Value = closed.isMap ? .map(closed.entries) : .list(closed.nodes)
        let node = ConfigurationNode(value, position: closed.position)
        add(node, count: closed.count, levels: closed.levels, anchor: closed.anchor)
    }

    private mutating func add(_ node: ConfigurationNode, count: Int, levels: Int, anchor: String?) {
        if let anchor { anchors[anchor] = Anchored(node: node, count: count, levels: levels) }
        guard let top = open.indices.last else {
            root = node
            return
        }
        open[top].count += count
        open[top].levels = max(open[top].levels, 1 + levels)
        guard open[top].isMap else { return open[top].nodes.append(node) }
        guard let key = open[top].key else { return }
        open[top].key = nil
        if key.isKept {
            open[top].entries.append(.init(key: key.text, keyPosition: key.position, node: node))
        }
    }

    private var isKeyNext: Bool {
        open.last.map { $0.isMap && $0.key == nil } ?? false
    }

    private mutating func takeKey(_ text: String, _ isQuoted: Bool, _ place: SourcePosition) {
        if text == "<<", !isQuoted {
            report("merge keys ('<<') are not supported", place)
            keepKey(text, place, isKept: false)
        } else if let line = open.last?.lines[text] {
            report("duplicate key \(text.quoted), first in line \(line); keep one of the two", place)
            keepKey(text, place, isKept: false)
        } else {
            keepKey(text, place, isKept: true)
        }
    }

    private mutating func keepKey(_ text: String, _ place: SourcePosition, isKept: Bool) {
        guard let top = open.indices.last else { return }
        open[top].key = (text, place, isKept)
        if isKept { open[top].lines[text] = place.line }
    }

    /// Skips a key that is no scalar, up to its end.
    private mutating func skip(_ event: YAMLEvent) {
        switch event.kind {
        case .listStart, .mapStart: skipped += 1
        case .listEnd, .mapEnd: skipped -= 1
        case .documentStart, .alias, .scalar: break
        }
    }

    private mutating func report(_ message: String, _ position: SourcePosition) {
        problems.append(ConfigurationProblem(message, at: position))
    }
}
