"""Invented questions and answers: the same pool name and number always give the same text.

A text is put together from an opening, a middle and a request, each full of words and numbers drawn for it, so that two
texts hardly share a run of eight words.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace

WORDS = {
    "name": "Amara Bo Celia Dario Edda Farid Greta Hiro Ines Jonas Kavya Lupe Mirek Nadia Otto Priya Quentin Rosa Sven "
    "Tara Umar Vera Wanda Ximena Yusuf Zora Anouk Bilal Chloe Dimitri Elif Femi",
    "place": "harbour market orchard library bakery station workshop museum greenhouse stadium village island valley "
    "monastery ferry warehouse observatory vineyard canteen theatre quarry airfield lighthouse nursery",
    "thing": "lanterns melons notebooks kites teapots bricks candles violins umbrellas pebbles ribbons jars ladders "
    "mirrors stamps baskets helmets carpets puppets spoons magnets pillows whistles clocks",
    "adj": "amber brittle crimson dusty enormous fragile golden hollow icy jagged knotted light mossy narrow oval "
    "plain quiet rusty silver tall uneven velvet wooden yellow",
    "verb": "sorts paints packs counts repairs polishes trades stacks wraps weighs borrows hides lends numbers labels "
    "rents ships tests washes delivers",
    "symbol": "a b c d m p q r s t u v w x y z",
    "body": "cylinder sphere piston pendulum turbine membrane crystal droplet beam coil lens bubble rotor wire plate "
    "spring balloon prism",
    "quantity": "pressure entropy momentum charge density viscosity temperature frequency torque voltage flux enthalpy "
    "wavelength capacity",
    "animal": "otters herons beetles camels owls salmon badgers geckos moths whales ravens goats snails foxes bats",
    "belief": "sleep remember predict attract swallow avoid copy follow outlive recognise fear collect repel imitate",
    "topic": "sourdough chess alpine-flowers kayaking watercolours beekeeping pottery sundials calligraphy folk-songs "
    "kite-building star-maps bonsai crosswords map-making rock-gardens",
    "structure": "list queue matrix string graph stack dictionary tree grid interval bitmask heap polygon schedule "
    "ledger playlist",
    "action": "reverse merge rotate partition compress sort rank pair filter group balance flatten shift encode split "
    "intersect",
    "form": "poem letter recipe notice riddle speech summary dialogue headline diary-entry checklist postcard toast "
    "instruction fable review",
    "mood": "cheerful solemn curious impatient grateful sceptical playful nostalgic formal drowsy proud anxious",
}  # fmt: skip
POOLS = {slot: words.split() for slot, words in WORDS.items()}

FAMILIES: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "word": (
        (
            "At the {place} {name} {verb} {n} {adj} {thing} every {n2} minutes.",
            "{name} and {name2} share {n} {thing} from the {adj} {place}.",
            "A {adj} crate at the {place} holds {n} {thing}, and {name} {verb} {n2} of them.",
            "Each of {n} shelves in the {place} carries {n2} {adj} {thing}.",
        ),
        (
            "Later {name3} brings {n3} {adj2} {thing2}, of which {n4} break.",
            "Then {n3} {adj2} {thing2} cost {n4} coins, paid by {name3}.",
            "After {n3} days {name3} {verb2} {n4} {thing2} at the {place2}.",
            "On {n3} afternoons the {adj2} {place2} sells {n4} {thing2} to {name3}.",
        ),
        (
            "How many {thing} does {name4} still see at the {place3} after {n5} hours?",
            "If {n5} {thing2} weigh as much as one {adj3} brick, what does {name4} carry?",
            "What share of the {thing} can {name4} take to the {place3} in {n5} trips?",
            "With {n5} helpers, when is {name4} done at the {adj3} {place3}?",
        ),
    ),
    "contest": (
        (
            "Let ${symbol}$ be an integer below {n} whose {symbol2}-th power leaves remainder {n2} modulo {n3}.",
            "A {adj} polygon with {n} sides has {n2} diagonals of length ${n3}{symbol}$.",
            "Real numbers ${symbol}$ and ${symbol2}$ satisfy ${n}{symbol}^2 - {n2}{symbol2} = {n3}$.",
            "From a deck of {n} {adj} cards, {name} draws {n2} and keeps {n3}.",
        ),
        (
            "Suppose that ${symbol3}_{n4} = {n5}{symbol3} + {n6}$ holds for {n7} indices.",
            "Every {adj2} chord of length {n4} meets the circle of radius {n5} in {n6} points.",
            "The sequence starts with {n4}, {n5}, {n6} and grows by {n7} at {adj2} steps.",
            "It is known that {n4} divides ${symbol3}^{n5} - {n6}$ for the {n7} smallest ${symbol3}$.",
        ),
        (
            "Find the sum of all values of ${symbol4}$ smaller than {n8}.",
            "Determine the remainder of ${n8}{symbol4}$ on division by {n9}.",
            "Compute the area enclosed, as a multiple of ${n8}\\pi$, rounded to {n9} digits.",
            "How many ordered pairs with ${symbol4} \\le {n8}$ are there, counted modulo {n9}?",
        ),
    ),
    "science": (
        (
            "A {adj} {body} of mass {n} g moves through a {adj2} medium at {n2} K.",
            "The {quantity} of a {adj} {body} falls from {n} to {n2} units within {n3} seconds.",
            "{n} moles of gas surround a {adj} {body} whose {quantity} is {n2}.",
            "Consider a {adj} {body}, {n} cm long, with {quantity} {n2} at one end.",
        ),
        (
            "Its {quantity2} obeys ${symbol} = {n4}{symbol2}^{n5}$ near the {adj3} {body2}.",
            "A second {body2} at {n4} degrees doubles the {quantity2} each {n5} minutes.",
            "Between them a {adj3} {body2} keeps the {quantity2} at {n4}, give or take {n5}.",
            "Neglect the {quantity2} of the {adj3} {body2} beyond {n4} metres and {n5} cycles.",
        ),
        (
            "What is the final {quantity3} of the {body3}, in units of {n6}?",
            "Calculate the {quantity3} at {n6} K for the {body3} with {n7} turns.",
            "By which factor does the {quantity3} change once {n6} {body3} layers are added?",
            "Estimate the {quantity3} per {body3} after {n6} half-lives of {n7} years.",
        ),
    ),
    "claim": (
        (
            "Is it true that {adj} {animal} {belief} {n} {thing} a year?",
            "Why do {animal} {belief} {adj} {thing} more than {animal2} do?",
            "Which {animal} {belief} the {place} of {name} in winter?",
        ),
        (
            "My {mood} neighbour {name2} read so in a {topic} magazine from {n2}.",
            "People near the {place2} have said it of {animal3} for {n2} years.",
            "A {mood} guide at the {adj2} {place2} swore on {n2} {thing2}.",
        ),
        (
            "What happens if {name3} tells {n3} {animal4} otherwise?",
            "How should {name3} answer {n3} {mood2} visitors?",
            "Can {name3} check it with {n3} {adj3} {thing3}?",
        ),
    ),
    "code": (
        (
            "Write a function `{action}_{structure}` that takes a {adj} {structure} of at most {n} integers.",
            "{name} stores {n} {thing} in a {structure} and wants to {action} it {n2} times.",
            "You are given a {structure} with {n} rows and a {adj} {structure2} with {n2} entries.",
            "Implement a class for a {adj} {structure} that can {action} {n} items at once.",
        ),
        (
            "Every {n3}-th element must {action2} with the {structure3} kept by {name2}.",
            "Values above {n3} count double unless {name2} has to {action2} the {structure3}.",
            "The {structure3} may hold {n3} gaps, and {n4} queries {action2} parts of it.",
            "In each of {n3} rounds, {action2} the {adj2} half of the {structure3}.",
        ),
        (
            "Print the {n5} largest results modulo {n6}, one {structure4} per line.",
            "Return `None` when more than {n5} {thing2} are left for {name3} in the {structure4}.",
            "Aim for O({n5} log n) steps and at most {n6} kilobytes for the {structure4}.",
            "Output how often {name3} must {action3} the {structure4} within {n5} seconds.",
        ),
    ),
    "task": (
        (
            "Write a {mood} {form} about {n} {adj} {thing} at the {place}.",
            "Turn the note of {name} on {topic} into a {mood} {form} of {n} words.",
            "Explain {topic} to {name}, who owns {n} {adj} {thing}.",
            "Suggest {n} titles for a {form} in which {name} {verb} {thing}.",
        ),
        (
            "Mention the {adj2} {place2} and {n2} {animal} that {belief} {thing2}.",
            "Use {n2} words that {name2}, a {mood2} reader of {topic2}, would like.",
            "Leave out the {animal} of {name2} and anything {adj2} from before {n2}.",
            "Compare it with the {topic2} club at the {place2}, which has {n2} members.",
        ),
        (
            "End with a {form2} of {n3} lines for {name3}.",
            "Close on a {mood3} question to the {n3} {animal2}.",
            "Keep {n3} {adj3} details of the {place3}.",
            "Number the {n3} steps and sign as {name3}.",
        ),
    ),
}  # fmt: skip

ANSWERS = {
    "word": "{who} counts {m1} {thing}, takes {m2} away for the {place}, and shares out {m3}. The answer is {m4}.",
    "contest": "{who} sets ${symbol}={m1}$, checks {m2} cases and drops {m3} of them. So the value is ${m4}$.",
    "science": "{who} writes the balance for the {body}, puts in {m1} and {m2}, and finds {m4} with an error of {m3}.",
    "claim": "{who}: no. {m1} studies of {animal} found none of that; {m2} of {m3} experts agree. See note {m4}.",
    "code": "# {who}\ndef {action}_{m1}(items):\n    kept = items[:{m2}]\n    return sum(kept) % {m3} + {m4}",
    "task": "{who} begins with {m1} {thing} and a {mood} greeting, tells of {topic} in {m2} lines, ends at {m3}/{m4}.",
}


@dataclass(frozen=True)
class Row:
    """One invented row.

    Parameters
    ----------
    family:
        Kind of text, a key of ``FAMILIES``.
    instruction, input, output:
        The triplet; ``input`` is empty unless the row has one.
    """

    family: str
    instruction: str
    output: str
    input: str = ""


def pool(name: str, family: str, size: int, author: str = "official") -> list[Row]:
    """The first ``size`` rows of a pool; a longer pool begins with the same rows."""
    questions = (_question(family, f"{name} {number}") for number in range(size))
    return solved_by(author, [Row(family, text, "") for text in questions])


def solved_by(author: str, rows: list[Row]) -> list[Row]:
    """The same questions, answered by ``author`` in words of their own."""
    return [replace(row, output=_answer(row, author)) for row in rows]


def _question(family: str, seed: str) -> str:
    chance = random.Random(seed)
    return _fill(" ".join(chance.choice(part) for part in FAMILIES[family]), chance, {})


def _answer(row: Row, author: str) -> str:
    return _fill(ANSWERS[row.family], random.Random(f"{row.instruction} {author}"), {"who": author})


def _fill(template: str, chance: random.Random, drawn: dict[str, str]) -> str:
    def draw(match: re.Match[str]) -> str:
        slot = match[1]
        if slot not in drawn:
            kind = slot.rstrip("0123456789")
            drawn[slot] = str(chance.randint(3, 997)) if kind in ("n", "m") else chance.choice(POOLS[kind])
        return drawn[slot]

    return re.sub(r"\{([a-z]+\d*)\}", draw, template)
