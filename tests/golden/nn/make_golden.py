#!/usr/bin/python3
"""Golden files of room nn: forward, loss, every gradient and 20 AdamW steps of small networks, by PyTorch.

usage: make_golden.py FOLDER [--full]     needs: python3-torch
Written into FOLDER as mlp.safetensors, resnet18.safetensors, vit.safetensors. The small ones are committed; --full
writes ResNet-18 and ViT-Tiny at their real sizes, which tests/golden/nn/full.sh compares and throws away. PyTorch runs
in double precision, so that what is compared is the arithmetic and not two roundings; stored as float. is_stable below
says which random networks are compared.
"""
import copy, json, struct, sys
import torch, torch.nn as nn, torch.nn.functional as F

torch.set_default_dtype(torch.float64)


class Block(nn.Module):
    def __init__(self, i, o, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o)
        self.conv2, self.bn2 = nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o)
        self.downsample = None
        if i != o or stride != 1:
            self.downsample = nn.Sequential(nn.Conv2d(i, o, 1, stride, bias=False), nn.BatchNorm2d(o))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet18(nn.Module):
    def __init__(self, channels, width, classes):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(channels, width, 7, 2, 3, bias=False), nn.BatchNorm2d(width)
        i = width
        for s in range(4):
            o = width << s
            setattr(self, f'layer{s + 1}', nn.Sequential(Block(i, o, 1 if s == 0 else 2), Block(o, o, 1)))
            i = o
        self.fc = nn.Linear(i, classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean((2, 3)))


class Attention(nn.Module):
    def __init__(self, size, heads):
        super().__init__()
        self.qkv, self.proj, self.heads = nn.Linear(size, 3 * size), nn.Linear(size, size), heads

    def forward(self, x):
        n, t, d = x.shape
        q, k, v = self.qkv(x).reshape(n, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        a = (q @ k.transpose(-2, -1) * (d // self.heads) ** -0.5).softmax(-1)
        return self.proj((a @ v).transpose(1, 2).reshape(n, t, d))


class VitBlock(nn.Module):
    def __init__(self, size, heads):
        super().__init__()
        self.norm1, self.attn = nn.LayerNorm(size), Attention(size, heads)
        self.norm2, self.mlp = nn.LayerNorm(size), nn.Module()
        self.mlp.fc1, self.mlp.fc2 = nn.Linear(size, 4 * size), nn.Linear(4 * size, size)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp.fc2(F.gelu(self.mlp.fc1(self.norm2(x))))


class Vit(nn.Module):
    def __init__(self, channels, side, patch, size, depth, heads, classes):
        super().__init__()
        self.patch_embed = nn.Module()
        self.patch_embed.proj = nn.Conv2d(channels, size, patch, patch)
        self.cls_token = nn.Parameter(torch.randn(1, 1, size) * 0.02)
        self.pos_embed = nn.Parameter(torch.randn(1, (side // patch) ** 2 + 1, size) * 0.02)
        self.blocks = nn.Sequential(*[VitBlock(size, heads) for _ in range(depth)])
        self.norm, self.head = nn.LayerNorm(size), nn.Linear(size, classes)

    def forward(self, x):
        x = self.patch_embed.proj(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls_token.expand(x.shape[0], -1, -1), x], 1) + self.pos_embed
        return self.head(self.norm(self.blocks(x))[:, 0])


def write(path, tensors):
    header, at, data = {}, 0, b''
    widths = {torch.int64: ('I64', 0), torch.float64: ('F64', 0), torch.float32: ('F32', 1)}
    for name, t in sorted(tensors.items(), key=lambda x: (widths[x[1].dtype][1], x[0])):
        t = t.detach().contiguous()
        raw = t.numpy().tobytes()
        header[name] = {'dtype': widths[t.dtype][0], 'shape': list(t.shape), 'data_offsets': [at, at + len(raw)]}
        data += raw
        at += len(raw)
    text = json.dumps(header).encode()
    text += b' ' * (-(len(text) + 8) % 64)
    with open(path, 'wb') as f:
        f.write(struct.pack('<Q', len(text)) + text + data)


def gradients(net, x, y):
    net.zero_grad()
    F.cross_entropy(net(x), y).backward()
    return [p.grad.double().clone() for p in net.parameters()]


def is_stable(net, x, y):
    """Do rounding and noise of 1e-6 leave the gradients alone? Not where the input of a ReLU is nearly 0: there no two
    programs agree, PyTorch's single and double precision neither."""
    wanted = gradients(net, x, y)
    for noise in (0, 1e-6, 1e-6):
        other = copy.deepcopy(net)
        for p in other.parameters():
            p.data *= 1 + noise * torch.randn_like(p)
        other = other.float()
        got = gradients(other, x.float(), y)
        if max(float((a - b).abs().max() / max(float(b.abs().max()), 1e-4)) for a, b in zip(got, wanted)) > 5e-5:
            return False
    return True


def golden(path, make, config, shape, classes, steps=20):
    while True:
        net, x, y = make(), torch.randn(shape), torch.randint(0, classes, (shape[0],))
        # What is stored as float must be what PyTorch computes with.
        x = x.float().double()
        for p in net.parameters():
            p.data = p.data.float().double()
        if is_stable(net, x, y):
            break
    out = {'config': torch.tensor(config), 'input.x': x.float(), 'input.y': y}
    for name, p in net.named_parameters():
        out['parameter.' + name] = p.float().clone()
    opt, losses = torch.optim.AdamW(net.parameters(), 1e-3, weight_decay=0.01), []
    for i in range(steps):
        scores = net(x)
        loss = F.cross_entropy(scores, y)
        opt.zero_grad()
        loss.backward()
        if i == 0:
            out['scores'] = scores.float()
            for name, p in net.named_parameters():
                out['gradient.' + name] = p.grad.float().clone()
        losses.append(loss.detach())
        opt.step()
    out['losses'] = torch.stack(losses)
    write(path, out)


def main():
    folder, full = sys.argv[1], '--full' in sys.argv
    torch.manual_seed(1)
    golden(f'{folder}/mlp.safetensors',
           lambda: nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 12), nn.ReLU(), nn.Linear(12, 5)),
           [6, 16, 12, 5], (7, 6), 5)
    channels, width, classes, side, batch = (3, 64, 1000, 64, 4) if full else (3, 4, 5, 40, 3)
    golden(f'{folder}/resnet18.safetensors', lambda: ResNet18(channels, width, classes), [channels, width, classes],
           (batch, channels, side, side), classes, 3 if full else 20)
    config = [3, 64, 16, 192, 12, 3, 100] if full else [3, 16, 4, 24, 2, 3, 5]
    golden(f'{folder}/vit.safetensors', lambda: Vit(*config), config, (3, 3, config[1], config[1]), config[-1],
           3 if full else 20)


main()
