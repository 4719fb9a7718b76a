"""Where the behaviour of a customer, her peers and everybody stands: byte offsets, and names of what is emitted.

A customer's block is 1,000 bytes: habits in one-byte cells, identifiers in 8-byte slots, amounts in five float32.
"""

from __future__ import annotations

from haechi.features.blocks.calibration import FISHER, histogram_bytes
from haechi.features.blocks.habit import STRENGTHS
from haechi.features.blocks.level import LEVEL_BYTES, PEER_BYTES
from haechi.features.blocks.novelty import AGES, RANKS, TENURES

__all__ = ["AGES", "LEVEL_BYTES", "PEER_BYTES", "RANKS", "STRENGTHS", "TENURES"]  # and every number below

# What can be surprising about an event.
HOUR, AMOUNT, SMALL, CATEGORY, GAP, TEMPO, PARTY, PLACE, TRAVEL, DEVICE, OUTFLOW, HEARD, PASSED = range(13)
DIMENSIONS = (
    "hour", "amount", "small", "category", "gap", "tempo", "party", "place", "travel", "device", "outflow", "heard",
    "passed",
)  # fmt: skip
D = len(DIMENSIONS)
VIEWS = ("habit", "counterpart", "burst", "drain", "run")
HABIT, DRAIN, RUN = 0, 3, 4
PURCHASE, TRANSFER, OTHER, CHANNELS = 0, 1, 2, 3
MERCHANTS, PAYEES, PLACES, DEVICES = 0, 1, 2, 3
OPEN = 4
SLOTS = (16, 8, 8, 4)
SLOT_FIRST = (0, 16, 24, 32)
ALL_SLOTS = 36

# The calendar classes of a day; a school break is one only for those who go to school.
WORKDAY, SCHOOL_BREAK, SATURDAY, SUNDAY, HOLIDAY, CLASSES = 0, 1, 2, 3, 4, 5
# No days: what the customer heard, money that comes in, a limit raised; -1 is all else that is not her own doing.
CALL, MESSAGE, DEPOSIT, LIMIT = -2, -3, -4, -5
PUPIL_FROM, PUPIL_TO = 6.0, 19.0
LEVEL_MIN = 30.0  # amounts of a peer group before anything is said of one
HOURS, CATEGORIES, SPANS = 48, 32, 32  # half-hours; codes, the last for all others; doublings of seconds
CENTRES = CATEGORIES + 1  # what a category costs; the last is for purchases and withdrawals without one

# A customer's block.
O_LAST, O_PAST, PAST, O_SEEN, O_HEAT, O_MEAN_N, O_MEAN = 0, 8, 4, 40, 44, 48, 52
O_WORTH = 56  # f4: what a unit is worth, of hours, categories, gaps, tempos, slots
O_LEVEL = 76
O_OPEN = O_LEVEL + 2 * LEVEL_BYTES  # events f4, novelties f4, events ever u4
O_OUT = O_OPEN + 12 * OPEN  # f4: sent of late to payees not known for long
O_LINKS = O_OUT + 4  # time i8, bits f4, dimension u4
LINKS = 3
O_HOURS = O_LINKS + 16 * LINKS
O_CATEGORIES = O_HOURS + HOURS * CLASSES
O_GAPS = O_CATEGORIES + CATEGORIES
O_TEMPOS = O_GAPS + SPANS
O_SLOTS = O_TEMPOS + SPANS
O_FIRST = O_SLOTS + 8 * ALL_SLOTS  # minutes u4 at which each device was first seen
O_RUNS = O_FIRST + 4 * SLOTS[3]  # for each kind 64 bits: was it far out, the newest event first
O_HEARD = O_RUNS + 8 * D  # the riskiest call and message of late: risk f4, minutes u4
O_CAME = O_HEARD + 16  # f4: what came in last, below zero from a new sender; when, in seconds u4
O_CAME_AT, O_GONE = O_CAME + 4, O_CAME + 8  # f4: what left since
O_STAYS = O_GONE + 4  # f4: 1 + the share that usually leaves within two hours
O_LIMIT = O_STAYS + 4  # minutes u4 at which the limit was changed last
O_STRANGERS = O_LIMIT + 4  # f4: shops new to her, of late (strangers.py)
BYTES = O_STRANGERS + 4

# Peers: a record of each group, and one of everybody.
CELLS = HOURS * CLASSES + CATEGORIES + 2 * SPANS
AT_CATEGORIES, AT_GAPS, AT_TEMPOS = HOURS * CLASSES, HOURS * CLASSES + CATEGORIES, HOURS * CLASSES + CATEGORIES + SPANS
VIEW_BINS, VIEW_STEP = 160, 0.25
G_EVENTS, G_COUNTS = 0, 8
G_SHARES = G_COUNTS + 4 * CELLS
G_CENTRES = G_SHARES + 4 * CELLS  # sum f8, count f8 of each category, by log2 of the amount
G_CENTRE = G_CENTRES + 16 * CENTRES  # f4, and four bytes more
G_LEVEL = G_CENTRE + 4 * CENTRES + 4
G_NOVELTY = G_LEVEL + 2 * PEER_BYTES
G_LIKELIHOODS = G_NOVELTY + 8 * TENURES * OPEN
STRENGTH_OF = 8  # hour, category, gap, tempo, then the four open kinds
G_STRENGTHS = G_LIKELIHOODS + 8 * STRENGTHS * STRENGTH_OF
G_WEIGHT = G_STRENGTHS + 8 * STRENGTH_OF
G_VIEWS = G_WEIGHT + 8
G_PASSED = G_VIEWS + len(VIEWS) * CHANNELS * histogram_bytes(VIEW_BINS)  # shares that left soon: sum f8, count f8
PEERS_BYTES = G_PASSED + 16
STRENGTH_DEFAULT = 8.0

# Everybody: the calibration of each kind of surprise in each channel.
DIMENSION_BINS, DIMENSION_STEP = 160, 0.25
SUM_BINS, SUM_STEP = 160, 1.0
E_EVENTS, E_WEIGHT, E_RANKS = 0, 8, 16  # popularity of newly met merchants and places, f4
E_PLACES = E_RANKS + 2 * 4 * RANKS
PLACE_COUNTS = 4096
E_DIMENSIONS = E_PLACES + 4 * PLACE_COUNTS
E_SUM = E_DIMENSIONS + CHANNELS * D * histogram_bytes(DIMENSION_BINS)
E_TOGETHER = E_SUM + CHANNELS * histogram_bytes(SUM_BINS)  # near hits, near chances, far hits, far chances f8
E_NEWS = E_TOGETHER + 32 * CHANNELS * D  # how much a kind counts f8
E_AGES = E_NEWS + 8 * CHANNELS * D  # how long devices had been known when they were used f4
E_MET = E_AGES + 4 * AGES  # of each category and count: how many shops were met, and how many were new, f4
EVERYBODY_BYTES = E_MET + 8 * TENURES * CATEGORIES
SHAPES = (0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0)
# How much each kind counts in the sum before anything is learned (docs/behaviour.md says how these were found).
PRIORS = (1.0, 1.0, 1.0, 0.5, 0.0, 1.0, 0.5, 0.25, 0.25, 1.5, 3.0, 0.5, 2.0)
SUM_SHAPE, VIEW_SHAPES = FISHER + 7, (0, FISHER + 2, FISHER + 2, 0, 0)

# The event at hand, in words of 8 bytes.
(W_T, W_CLASS, W_HALF, W_CHANNEL, W_CATEGORY, W_LOG, W_PARTY, W_KIND, W_RANK, W_PLACE, W_DEVICE, W_SPEED, W_DICE,
 W_LEFT, W_LEFT_SLOWLY, W_DT, W_GAP, W_TEMPO, W_RESIDUAL, W_LEVEL, W_DEVIATION, W_UP, W_DOWN, W_CENTRE, W_PARTY_SLOT,
 W_PLACE_SLOT, W_DEVICE_SLOT, W_TOTAL, W_BITS_ALL, W_WARM, W_GAP_PART, W_TEMPO_PART, W_OWN_HOURS, W_CODE,
 W_SPAN, W_GAP_S, W_ALL, W_ANCHOR, W_OUT, W_AGE, W_HEARD, W_HEARD_MINUTES, W_HEARD_KIND, W_PASSED, W_PASSES,
 W_CAME_S, W_IS_NEW, W_MET, W_STRANGERS) = range(49)  # fmt: skip
W_RAW, W_BITS, W_VIEW = 49, 62, 75
W_HOURS, W_CATEGORIES, W_GAPS, W_TEMPOS = 81, 129, 161, 193
WORK_AT = 1536  # bytes into the scratch space

# Features: the bits, then what reasons need to say what is usual.
NAMES = (
    *(f"surprise_{d}" for d in DIMENSIONS),
    "surprise_habit", "surprise_counterpart", "surprise_burst", "surprise_drain", "surprise_run",
    "surprise_all", "surprise_heat",
)  # fmt: skip
NAMES_USUAL = (
    "day_class", "history", "class_history", "hours_from", "hours_to", "amount_low", "amount_high", "gap_low_s",
    "gap_high_s", "last5_s", "tempo_low_s", "tempo_high_s", "device_age_s", "party_known", "place_known",
    "device_known", "odd_gap_s", "odd_kind", "direction", "sent_fresh", "heard_risk",
    "heard_gap_s", "heard_kind", "came_in", "came_s", "passed_share", "passed_usual", "came_from_new", "limit_gap_s",
    "party_days", "school_habit", "school_hour", "school_amount", "new_for_category",
    "strangers", "learned_weight",
)  # fmt: skip

HALF_LIFE_US = 120 * 86_400e6
HALF_LIFE_ANCHOR_US = 720 * 86_400e6
HEAT_HALF_LIFE_US = 3 * 3_600e6
HEARD_MINUTES = (120, 43_200)  # a call is heard for two hours, a message for thirty days
PASSED_S = 7_200  # what left so soon after money came in was passed on
LIMIT_MINUTES = 1_440  # a limit was raised of late for so long
HEARD_SCALE = 10.0  # theory, until a home has its own: a risk of r is as rare as 2^-10r
OUT_HALF_LIFE_US, FRESH_DAYS = 3 * 86_400e6, 30  # of what was sent; a payee is fresh for so long
CALIBRATION_HALF_LIFE, VIEW_HALF_LIFE = 200_000.0, 12_000.0  # events, of all and of a group
DRAIN_LEAD = 1.0  # bits: who sends more and more to new payees is asked a little sooner
HEAT_FLOOR, HEAT_MAX, HEAT_GATE = 3.0, 30.0, 1.0
ODD_BITS = 6.0  # from here on an event is worth a link from later ones
OWN_MEAN_SHARE, OWN_MEAN_WEIGHT = 0.5, 20.0
DAMP_BITS, CODES_PER_HALVING, CODE_MAX = 6.643856189774724, 8.0, 35  # 1 in 100; weights 2^(-code/8), floor 0.048
DAMP_AFTER = 2_000.0  # events of everybody: before that nobody knows what is rare
OTHER_CLASSES = 0.3  # share of a customer's other days in what is expected of this one
RECEIPT_BITS = 29
