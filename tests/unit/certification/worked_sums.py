"""The numbers that numeric items ask for, worked out again from what their stems say."""

from collections.abc import Callable, Mapping
from fractions import Fraction

#: By bank and item. Fees lose what is below one won, each for itself, as the stems say.
WORKED: Mapping[str, Mapping[str, int | Fraction]] = {
    "designer-2": {
        "platform-035": Fraction("10.6") * Fraction("1.1"),
        "listing-029": 11_000 * 3 + 3500,
        "listing-038": 9000 * 4,
        "settlement-018": 20_000 * 3003 // 100_000,
        "settlement-019": 17_500 - 346 - 450,
        "settlement-030": 8000 - 3200 - 500 - 620,
        "settlement-033": 24_000 * 3003 // 100_000,
        "settlement-034": 24_000 + 3500 - (24_000 + 3500) * 198 // 10_000 - 24_000 * 3003 // 100_000,
        "settlement-035": 24_000 + 3500 - 544 - 720 - 10_500 - 900 - 3500,
        "settlement-036": 24_000 + 3500,
        "settlement-037": 412_300 + 508_900 + 366_500,
        "settlement-038": 412_300 + 508_900 + 366_500 + 67_300,
        "settlement-039": 412_300 + 508_900 + 366_500 + 67_300 + 1_845_000,
        "settlement-041": 40_000 * 273 * 11 // 100_000,
    },
    "designer-1": {
        "platform-016": 18 * 100 // 45,
        "platform-030": 5 - 1 - 2,
        "platform-036": 5 * 100 // 25,
        "platform-042": 90 * 2400,
        "platform-043": 90 * 2400 // 16 - 18 * 3000 // 12,
        "listing-012": 40 - 5 - 15 - 10 - 6,
        "listing-034": 18_000 * 3 - (18_000 * 2 + 3000),
        "listing-036": 35 - 6 - 12 - 8 - 4,
        "listing-040": 13_000 - 7400 - 650,
        "settlement-005": Fraction("9.8") * Fraction("1.1"),
        "settlement-009": 32_000 * 1166 // 10_000,
        "settlement-010": 3500 * 33 // 1000,
        "settlement-011": 23_000 - 20_000 * 1166 // 10_000 - 3000 * 33 // 1000,
        "settlement-016": 50_000 * 3003 // 100_000 - 50_000 * 1001 // 100_000,
        "settlement-021": 7000 - 4100 - 700,
        "settlement-022": 3 * 4 * 12_000,
        "settlement-024": (29_000 - 29_000 * 198 // 10_000 - 26_000 * 3003 // 100_000)
        - (29_000 - 26_000 * 1166 // 10_000 - 3000 * 33 // 1000),
        "settlement-025": 48_000 // 3200 + 1,
        "settlement-026": 2800 - 500,
        "settlement-027": 2_640_000 + 138_000 + 1_150_000 + 1_760_000,
        "settlement-030": 12_900 - 7400 - 12_900 * 12 // 100,
        "settlement-031": 4800 * 25 // 3000,
        "settlement-032": 1500 * 18 - 4000 * 2,
        "settlement-034": 21_000 - 21_000 * 198 // 10_000 - 18_000 * 3003 // 100_000 - 6500 - 700 - 3600,
        "settlement-035": 3600 * 40 + 2900 * 15 - 33_000,
        "settlement-036": 30 * (20_000 * 3003 // 100_000) + 20 * (20_000 * 1001 // 100_000),
        "settlement-037": (12_400 - 8500) * 30,
        "settlement-038": (11_500 - 8500) * 36 - 55_000,
        "settlement-040": 36 * 11_500 - 36 * 11_500 * 70 // 100,
        "settlement-041": 20_000 - 20_000 * 5 // 100 - 11_000,
        "settlement-042": (17_000 - 17_000 * 10 // 100 - 11_000) * 60 - 80_000,
        "settlement-043": 11_000 * 60 + 80_000,
        "counsel-023": 6 * 100 // 20,
        "counsel-034": (20 - 4) * 100 // 40,
        "counsel-037": (6 - 2) * 100 // 16,
        "counsel-040": 4 * 100 // 16,
    },
}

#: The same of items whose numbers are drawn, from what was drawn.
VARYING: Mapping[str, Mapping[str, Callable[..., int]]] = {
    "designer-2": {
        "platform-023": lambda a: a * 70 // 100,
        "platform-034": lambda a, b: a * b,
        "settlement-014": lambda a: a * 3 // 100,
        "settlement-015": lambda a, b: a + b,
        "settlement-016": lambda a, b: a - b,
        "settlement-017": lambda a: (a + 3000) * 198 // 10_000,
        "settlement-021": lambda a, b: a + b,
        "settlement-022": lambda a, b: a + b,
        "settlement-031": lambda a: a - a * 70 // 100,
    },
    "designer-1": {
        "platform-021": lambda a: (a - 4) * 3 // 4,
        "settlement-002": lambda a, b: a * b,
        "settlement-007": lambda a, b: a + b,
        "settlement-012": lambda a, b: a * b - 55_000,
        "settlement-014": lambda a: a - a * 70 // 100,
        "settlement-015": lambda a: (a + 4000) * 198 // 10_000,
        "settlement-020": lambda a, b, c: a + 3500 - b - c - 4000,
    },
}
