"""Times DDPG updates in PyTorch as HAQ's reference makes them; prints the median in milliseconds.

Usage: python pytorch.py <threads> <updates>
"""

import sys
import time

import torch
from torch import nn

STATE, HIDDEN, BATCH = 10, 300, 64


class Actor(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.l2, self.l3 = nn.Linear(STATE, HIDDEN), nn.Linear(HIDDEN, HIDDEN), nn.Linear(HIDDEN, 1)

    def forward(self, s):
        return torch.sigmoid(self.l3(torch.relu(self.l2(torch.relu(self.l1(s))))))


class Critic(nn.Module):
    def __init__(self):
        super().__init__()
        self.s, self.a = nn.Linear(STATE, HIDDEN), nn.Linear(1, HIDDEN)
        self.l2, self.l3 = nn.Linear(HIDDEN, HIDDEN), nn.Linear(HIDDEN, 1)

    def forward(self, s, a):
        return self.l3(torch.relu(self.l2(torch.relu(self.s(s) + self.a(a)))))


def soft_update(target, source, tau):
    for slow, fast in zip(target.parameters(), source.parameters()):
        slow.data.copy_(slow.data * (1.0 - tau) + fast.data * tau)


def main():
    torch.set_num_threads(int(sys.argv[1]))
    torch.manual_seed(1)
    actor, critic, actor_target, critic_target = Actor(), Critic(), Actor(), Critic()
    actor_adam, critic_adam = torch.optim.Adam(actor.parameters(), 1e-4), torch.optim.Adam(critic.parameters(), 1e-3)
    s, s2, a = torch.rand(BATCH, STATE), torch.rand(BATCH, STATE), torch.rand(BATCH, 1)
    r, not_done = torch.rand(BATCH, 1), torch.ones(BATCH, 1)
    times = []
    for _ in range(int(sys.argv[2])):
        start = time.perf_counter()
        with torch.no_grad():
            y = r + not_done * critic_target(s2, actor_target(s2))
        critic.zero_grad()
        nn.functional.mse_loss(critic(s, a), y).backward()
        critic_adam.step()
        actor.zero_grad()
        (-critic(s, actor(s)).mean()).backward()
        actor_adam.step()
        soft_update(actor_target, actor, 0.01)
        soft_update(critic_target, critic, 0.01)
        times.append((time.perf_counter() - start) * 1000)
    print(sorted(times)[len(times) // 2])


main()
