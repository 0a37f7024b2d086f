"""An American put by a binomial tree, in one array: each step overwrites the values of the step after it.

In: the price of the share, the strike, the interest rate, the volatility, the years, how many steps.  Out: the price.
"""

import math

import numpy as np


def put(share, strike, rate, volatility, years, steps):
    dt = years / steps
    up = math.exp(volatility * math.sqrt(dt))
    discount = math.exp(-rate * dt)
    p = (1.0 / discount - 1.0 / up) / (up - 1.0 / up)
    high = discount * p
    low = discount * (1.0 - p)
    # the prices that the tree knows, from steps times down to steps times up
    gain = np.empty(2 * steps + 1)
    for j in range(2 * steps + 1):
        gain[j] = strike - share * math.exp((j - steps) * volatility * math.sqrt(dt))
    value = np.empty(steps + 1)
    for i in range(steps + 1):
        value[i] = max(gain[2 * i], 0.0)
    for k in range(steps - 1, -1, -1):
        for i in range(k + 1):
            hold = high * value[i + 1] + low * value[i]
            exercise = gain[2 * i - k + steps]
            # early exercise
            if exercise > hold:
                value[i] = exercise
            else:
                value[i] = hold
    return value[0]
