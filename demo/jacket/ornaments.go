package jacket

import "math"

// ornaments are drawn around the point x, y. They are about twice as wide and high as the radius r.
var ornaments = []func(p *painter, d *dice, x, y, r float64){sun, rosette, moon, compass, branch, planets, arch}

// shapes fill the part of a poster below the y coordinate top.
var shapes = []func(p *painter, d *dice, top float64){sunrise, steps, blocks, ripples}

// spokes adds leaves that point away from the centre.
func (p *painter) spokes(x, y, inner, outer, width float64, n int, turn float64) {
	for i := range n {
		angle := 2*math.Pi*(float64(i)+turn)/float64(n) - math.Pi/2
		cos, sin := math.Cos(angle), math.Sin(angle)
		p.leaf(x+inner*cos, y+inner*sin, x+outer*cos, y+outer*sin, width)
	}
}

func sun(p *painter, d *dice, x, y, r float64) {
	n := 12 + 4*d.roll(3)
	p.spokes(x, y, r*0.5, r, 0.28, n, 0)
	p.fill(p.colors.accent)
	p.spokes(x, y, r*0.5, r*0.8, 0.2, n, 0.5)
	p.fill(p.colors.second)
	p.ring(x, y, r*0.42, r*0.38)
	p.disc(x, y, r*0.32)
	p.fill(p.colors.accent)
}

func rosette(p *painter, d *dice, x, y, r float64) {
	n := 8 + 2*d.roll(3)
	p.ring(x, y, r, r*0.96)
	p.fill(p.colors.accent)
	p.spokes(x, y, 0, r*0.9, 0.3, n, 0)
	p.fill(p.colors.second)
	p.spokes(x, y, 0, r*0.66, 0.3, n, 0.5)
	p.fill(p.colors.accent)
	p.circle(p.colors.deep, x, y, r*0.13)
	p.circle(p.colors.light, x, y, r*0.08)
}

func moon(p *painter, d *dice, x, y, r float64) {
	p.polygon(arc(arc(nil, x, y, r*0.8, 0.9, 2*math.Pi-0.9), x+r*0.36, y, r*0.64, 2*math.Pi-1.37, 1.37)...)
	p.fill(p.colors.accent)
	for range 9 {
		angle, away := float64(d.roll(628))/100, r*(0.15+float64(d.roll(80))/100)
		p.star(x+r*0.45+0.7*away*math.Cos(angle), y+away*math.Sin(angle), 4+float64(d.roll(6)), 2, 4)
	}
	p.fill(p.colors.second)
}

func compass(p *painter, _ *dice, x, y, r float64) {
	p.ring(x, y, r*0.72, r*0.69)
	p.ring(x, y, r*0.62, r*0.6)
	p.fill(p.colors.second)
	p.spokes(x, y, 0, r*0.7, 0.16, 4, 0.5)
	p.fill(p.colors.second)
	p.star(x, y, r, r*0.16, 4)
	p.fill(p.colors.accent)
	p.circle(p.colors.light, x, y, r*0.06)
}

// branch is a twig with leaves.
func branch(p *painter, d *dice, x, y, r float64) {
	p.polygon(x-1.5, y-r*0.8, x+1.5, y-r*0.8, x+2, y+r, x-2, y+r)
	p.fill(p.colors.accent)
	pairs := 4 + d.roll(2)
	for i := range pairs {
		from := y + r*0.85 - float64(i)*1.5*r/float64(pairs)
		length := r * (0.75 - 0.08*float64(i))
		p.leaf(x, from, x-length, from-length*0.7, 0.3)
		p.leaf(x, from, x+length, from-length*0.7, 0.3)
	}
	p.leaf(x, y-r*0.55, x, y-r, 0.3)
	p.fill(p.colors.accent)
}

// planets draws a sun with planets on circles around it.
func planets(p *painter, d *dice, x, y, r float64) {
	for i := range 4 {
		orbit := r * (0.34 + 0.21*float64(i))
		p.ring(x, y, orbit+0.8, orbit-0.8)
	}
	p.fill(p.colors.second)
	p.circle(p.colors.accent, x, y, r*0.17)
	for i := range 4 {
		orbit, angle := r*(0.34+0.21*float64(i)), float64(d.roll(628))/100
		p.circle([]shade{p.colors.second, p.colors.accent}[i%2],
			x+orbit*math.Cos(angle), y+orbit*math.Sin(angle), r*0.05+float64(d.roll(5)))
	}
}

// arch is a gate with several arches, one inside the other.
func arch(p *painter, _ *dice, x, y, r float64) {
	for i, color := range []shade{p.colors.accent, p.colors.deep, p.colors.second, p.colors.deep, p.colors.accent} {
		w := r * (0.75 - 0.13*float64(i))
		p.polygon(append(arc(nil, x, y-r*0.2, w, math.Pi, 2*math.Pi), x+w, y+r*0.9, x-w, y+r*0.9)...)
		p.fill(color)
	}
	p.rect(p.colors.accent, x-r*0.9, y+r*0.9, r*1.8, 4)
}

// sunrise is half a sun at the lower edge.
func sunrise(p *painter, d *dice, top float64) {
	x, r := float64(Width)*[]float64{0, 0.5, 1}[d.roll(3)], Height-top
	for i, color := range []shade{p.colors.second, p.colors.accent, p.colors.deep, p.colors.accent} {
		p.circle(color, x, Height, r*(1-0.24*float64(i)))
	}
}

// steps draws columns whose heights rise to the right or to the left.
func steps(p *painter, d *dice, top float64) {
	const n = 5
	colors := []shade{p.colors.accent, p.colors.second, p.colors.deep, p.colors.accent, p.colors.second}
	rising := d.roll(2) == 0
	for i := range n {
		height := (Height - top) * float64(i+1) / n
		column := float64(i)
		if !rising {
			column = n - 1 - column
		}
		p.rect(colors[i], column*Width/n, Height-height, Width/n, height)
	}
}

// blocks are quarters of discs in a row of squares.
func blocks(p *painter, d *dice, top float64) {
	n := float64(2 + d.roll(2))
	side := min(Width/n, Height-top)
	colors := []shade{p.colors.accent, p.colors.second, p.colors.deep}
	for i := range int(Width/side) + 1 {
		x := float64(i) * side
		p.rect(colors[i%3], x, Height-side, side, side)
		quadrant := d.roll(4)
		p.quarter(x+side*float64((quadrant+1)/2%2), Height-side+side*float64(quadrant/2), side, quadrant)
		p.fill(colors[(i+1)%3])
	}
}

// ripples are rings around a point at the lower edge.
func ripples(p *painter, d *dice, top float64) {
	x := float64(80 + d.roll(240))
	for r := Height - top; r > 12; r -= 26 {
		p.ring(x, Height, r, r-9)
	}
	p.fill(p.colors.accent)
}
