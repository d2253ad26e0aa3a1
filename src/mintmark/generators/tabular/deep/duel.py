"""Generator and critic of `tabular.gan`, and how they train each other.

Wasserstein loss with gradient penalty (Gulrajani et al. 2017); the critic sees packs of rows (Lin et al. 2018) that
meet conditions (Xu et al. 2019). In private only the critic meets rows, and its gradients are blurred.
"""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from mintmark.generators.deep import machine, privacy
from mintmark.generators.deep.averages import follow
from mintmark.generators.deep.training import Rows
from mintmark.generators.tabular.deep import collapse
from mintmark.generators.tabular.deep.blocks import Block
from mintmark.generators.tabular.deep.conditions import Conditions

SOFT = 0.7
"""Temperature at which drawn classes are softened, so that the critic's slope reaches the logits."""
PENALTY = 1.0
"""Weight of the gradient penalty. The papers have 10; at 1 the critic learns faster, and so does everything."""
LOOKED_AT = 4096
"""Rows made to see how often each class comes."""


class Net(nn.Module):
    """The generator: from noise and a condition to a row."""

    def __init__(self, asked: Conditions, width: int, noise: int) -> None:
        super().__init__()
        self.width, self.noise = width, noise
        ins = noise + asked.width
        self.first = nn.Sequential(nn.Linear(ins, width), nn.LayerNorm(width), nn.ReLU())
        self.second = nn.Sequential(nn.Linear(ins + width, width), nn.LayerNorm(width), nn.ReLU())
        self.logits = nn.Linear(ins + 2 * width, asked.heads.width)
        self.places = nn.Linear(ins + 2 * width, len(asked.heads.sizes))

    def forward(self, noise: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of the classes, (n, width of the heads), and places between −1 and 1, (n, columns)."""
        hidden = torch.cat([noise, condition], dim=-1)
        hidden = torch.cat([hidden, self.first(hidden)], dim=-1)
        hidden = torch.cat([hidden, self.second(hidden)], dim=-1)
        return self.logits(hidden), torch.tanh(self.places(hidden))


class Critic(nn.Module):
    """How real a pack of rows looks: each row on its own first, then all together."""

    def __init__(self, asked: Conditions, width: int, pack: int) -> None:
        super().__init__()
        self.pack = pack
        self.row = nn.Linear(asked.heads.width + len(asked.heads.sizes) + asked.width, width)
        self.together = nn.Sequential(nn.LeakyReLU(0.2), nn.Linear(pack * width, width), nn.LeakyReLU(0.2),
                                      nn.Linear(width, width), nn.LeakyReLU(0.2), nn.Linear(width, 1))  # fmt: skip

    def forward(self, rows: Tensor) -> Tensor:
        """(packs,) of (packs × pack, inputs)."""
        return self.together(self.row(rows).reshape(len(rows) // self.pack, -1))[:, 0]


def laid_out(asked: Conditions, width: int, noise: int) -> Net:
    """The generator without weights."""
    return machine.laid_out(lambda: Net(asked, width, noise))


class Duel:
    """Generator and critic in turn, on packs of rows that meet the conditions that were drawn."""

    told = "what the critic tells apart"

    def __init__(self, blocks: Mapping[str, Block], asked: Conditions, net: Net, average: Net, critic: Critic,
                 rate: float) -> None:  # fmt: skip
        self.asked, self.net, self.average, self.critic = asked, net, average, critic
        self.nets = nn.ModuleDict({"net": net, "average": average, "critic": critic})
        # Without momentum, for the critic's slope turns as fast as the generator moves.
        slow = torch.optim.Adam(net.parameters(), lr=rate, betas=(0.0, 0.9))
        fast = torch.optim.Adam([{"params": list(critic.parameters()), "pace": 2.0}], lr=rate, betas=(0.0, 0.9))
        self.optimisers = (slow, fast)
        self.pack = critic.pack
        self.wide = torch.cat([torch.tensor(block.wide) for block in blocks.values()]).float()
        self.wide = self.wide.to(net.logits.weight.device)

    def step(self, rows: Rows, which: Tensor, source: torch.Generator) -> float:
        count = max(1, len(which) // self.pack) * self.pack
        apart = self._criticise(rows, count, source)
        self._improve(rows, count, source)
        follow(self.average, self.net, self.optimisers[0])
        return apart

    @torch.no_grad()
    def judge(self, rows: Rows, source: torch.Generator) -> float:
        """How far pairs of classes are from being as frequent as on held-out rows (mean total variation)."""
        del source
        fixed = torch.Generator().manual_seed(0)
        logits, _ = self.average(*self._inputs(self.average, LOOKED_AT, fixed))
        return collapse.gap(self.asked.heads, self.asked.heads.draw(logits, fixed), rows.classes)

    def _criticise(self, rows: Rows, count: int, source: torch.Generator) -> float:
        picked, condition, _ = self.asked.rows(rows, count, source)
        with torch.no_grad():
            fake = torch.cat([self._fake(condition, source)[1], condition], dim=-1)
        true = torch.cat([self._seen(self.asked.heads.onehot(picked.classes), picked.scores), condition], dim=-1)
        share = machine.uniform((count // self.pack, 1), source, true.device).repeat_interleave(self.pack, 0)
        apart = self.critic(fake).mean() - self.critic(true).mean()
        between = (share * true + (1 - share) * fake).requires_grad_()
        slope = torch.autograd.grad(self.critic(between).sum(), between, create_graph=True)[0]
        steep = slope.reshape(count // self.pack, -1).norm(dim=1)
        self.optimisers[1].zero_grad()
        torch.autograd.backward(apart + PENALTY * ((steep - 1) ** 2).mean())
        self.optimisers[1].step()
        return -float(apart.detach())

    def _improve(self, rows: Rows, count: int, source: torch.Generator) -> None:
        """The generator's step: look real, and meet the condition."""
        condition, wanted = self.asked.draw(count, source, evened=len(rows))
        condition = condition.to(self.wide.device)
        logits, fake = self._fake(condition, source)
        loss = -self.critic(torch.cat([fake, condition], dim=-1)).mean()
        if wanted is not None:
            said = torch.log(self.asked.heads.shares(logits).clamp_min(1e-9))
            loss = loss - said.gather(1, wanted.to(said.device)[:, None]).mean()
        self.optimisers[0].zero_grad()
        torch.autograd.backward(loss)
        self.optimisers[0].step()

    def _inputs(self, net: Net, count: int, source: torch.Generator) -> tuple[Tensor, Tensor]:
        on = self.wide.device
        return machine.normal((count, net.noise), source, on), self.asked.draw(count, source)[0].to(on)

    def _fake(self, condition: Tensor, source: torch.Generator) -> tuple[Tensor, Tensor]:
        """Logits, and rows as the critic sees them: classes drawn by Gumbel-softmax (Jang et al. 2017)."""
        noise = machine.normal((len(condition), self.net.noise), source, condition.device)
        logits, places = self.net(noise, condition)
        gumbel = -torch.log(-torch.log(torch.rand(logits.shape, generator=source).clamp_(1e-20, 1 - 1e-7)))
        soft = self.asked.heads.shares((logits + gumbel.to(logits.device)) / SOFT)
        return logits, self._seen(soft, places)

    def _seen(self, onehot: Tensor, places: Tensor) -> Tensor:
        """A row as the critic sees it: a place counts only as far as its class has places."""
        parts_ = self.asked.heads.split(onehot * self.wide)
        return torch.cat([onehot, places * torch.stack([part.sum(-1) for part in parts_], dim=-1)], dim=-1)


class PrivateDuel(Duel):
    """The same without conditions and packs, and with clipped and blurred gradients of the critic."""

    told = "largest weight"

    def __init__(self, blocks: Mapping[str, Block], asked: Conditions, net: Net, average: Net, critic: Critic,
                 rate: float, *, batch: int, noise: float) -> None:  # fmt: skip
        super().__init__(blocks, asked, net, average, critic, rate)
        self.batch, self.noise = batch, noise

    def step(self, rows: Rows, which: Tensor, source: torch.Generator) -> float:
        self._blurred(rows[which], source)
        self._improve(rows[which[:0]], self.batch, source)
        follow(self.average, self.net, self.optimisers[0])
        return privacy.largest(self.critic)

    def _blurred(self, drawn: Rows, source: torch.Generator) -> None:
        """The critic's step, each real row beside a made one of its own."""
        true = self._seen(self.asked.heads.onehot(drawn.classes), drawn.scores)
        with torch.no_grad():
            fake = self._fake(true[:, :0], source)[1]
        share = machine.uniform((len(drawn), 1), source, true.device)
        trio = (true, fake, share * true + (1 - share) * fake)
        privacy.blurred(self.critic, _critic_loss, trio, noise=self.noise, source=source)
        self.optimisers[1].step()


def _critic_loss(call: Callable[..., Tensor], true: Tensor, fake: Tensor, between: Tensor) -> Tensor:
    """The critic's loss of one row."""
    slope = torch.func.grad(lambda row: call(row[None])[0])(between)
    return call(fake[None])[0] - call(true[None])[0] + PENALTY * (torch.linalg.vector_norm(slope) - 1) ** 2
